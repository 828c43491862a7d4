import type { Problem } from '@stroma/core/errors';
import type { UploadFinding, UploadList } from '@stroma/core/http/upload';

/** What the server found in something that was sent. */
export interface Found {
  status: 'receiving' | 'reading' | 'waiting' | 'registered' | 'refused';
  findings: UploadFinding[];
  refusal: Problem | null;
}

/** By the server's name of the upload or the group. */
export function foundIn(list: UploadList | undefined): Map<string, Found> {
  const found = new Map<string, Found>();
  for (const { id, status, findings, refusal } of list?.uploads ?? []) {
    const shown = status === 'received' || status === 'left_out' ? 'reading' : status;
    found.set(id, { status: shown, findings, refusal });
  }
  for (const { id, status, findings } of list?.groups ?? []) {
    const end = findings.some((finding) => finding.kind === 'slide') ? 'registered' : 'refused';
    found.set(id, { status: status === 'read' ? end : status, findings, refusal: null });
  }
  return found;
}

export const isSettled = (found: Found | undefined): boolean =>
  found !== undefined && found.status !== 'receiving' && found.status !== 'reading';
