import type { UploadGroupMessage, UploadList, UploadMessage } from '@stroma/core/http/upload';
import type { UploadItem } from './upload-item.ts';

export interface ServerUnfinished {
  groups: UploadGroupMessage[];
  waiting: UploadMessage[];
}

/** Groups of mine that are not whole, and files that wait for their series, which no row of this page shows. */
export function serverUnfinished(list: UploadList | undefined, items: readonly UploadItem[]): ServerUnfinished {
  const shown = new Set(items.map((item) => item.serverId));
  return {
    groups: (list?.groups ?? []).filter((one) => one.mine && one.status === 'receiving' && !shown.has(one.id)),
    waiting: (list?.uploads ?? []).filter((one) => one.mine && one.status === 'waiting' && !shown.has(one.id)),
  };
}
