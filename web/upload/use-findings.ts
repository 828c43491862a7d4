import type { UploadList } from '@stroma/core/http/upload';
import { useEffect, useMemo, useRef } from 'react';
import { useSWRConfig } from 'swr';
import { useJson } from '../data/use-json.ts';
import { type Found, foundIn, isSettled } from './found.ts';
import type { UploadItem } from './upload-item.ts';

export interface Findings {
  /** Of what was sent from here and before, by the server's name of it. */
  found: Map<string, Found>;
  list: UploadList | undefined;
  refresh(): Promise<unknown>;
}

/** What the server found in uploads. Asks again only while something sent from here is being read. */
export function useFindings(items: readonly UploadItem[]): Findings {
  const sent = items.filter((item) => item.state === 'sent');
  const known = useRef(new Map<string, Found>());
  const isOpen = sent.some((item) => !isSettled(known.current.get(item.serverId ?? '')));
  const list = useJson<UploadList>('/api/upload-list?limit=500', { refreshInterval: isOpen ? 1200 : 0 });
  const found = useMemo(() => foundIn(list.data), [list.data]);
  known.current = found;

  const settled = sent.filter((item) => isSettled(found.get(item.serverId ?? ''))).length;
  const { mutate } = useSWRConfig();
  useEffect(() => {
    if (settled > 0) void mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
  }, [settled, mutate]);
  return { found, list: list.data, refresh: () => list.mutate() };
}
