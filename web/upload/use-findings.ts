import type { UploadList, UploadMessage } from '@stroma/core/http/upload';
import { useEffect, useMemo, useRef } from 'react';
import { useSWRConfig } from 'swr';
import { useJson } from '../data/use-json.ts';
import type { UploadItem } from './upload-item.ts';

const ends = new Set(['registered', 'refused']);

/** What the server found in the files sent from here, by upload id. Asks only while something is being read. */
export function useFindings(items: readonly UploadItem[]): Map<string, UploadMessage> {
  const sent = items.filter((item) => item.uploadId !== null);
  const known = useRef(new Map<string, UploadMessage>());
  const waiting = sent.some((item) => !ends.has(known.current.get(item.uploadId ?? '')?.status ?? ''));
  const list = useJson<UploadList>(sent.length > 0 ? '/api/upload-list?limit=500' : null, {
    refreshInterval: waiting ? 1200 : 0,
  });
  const found = useMemo(
    () => new Map((list.data?.uploads ?? []).map((upload) => [upload.id, upload] as const)),
    [list.data],
  );
  known.current = found;

  const registered = sent.filter((item) => ends.has(found.get(item.uploadId ?? '')?.status ?? '')).length;
  const { mutate } = useSWRConfig();
  useEffect(() => {
    if (registered > 0) void mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
  }, [registered, mutate]);
  return found;
}
