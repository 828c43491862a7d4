import type { ExportList, ExportMessage, ExportRequest } from '@stroma/core/http/export';
import { useCallback } from 'react';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { useJson } from '../data/use-json.ts';

/** Exports of a job or of all, asked again while one is being written. */
export function useExports(jobId?: number) {
  const url = jobId === undefined ? '/api/exports' : `/api/exports?jobId=${jobId}`;
  const list = useJson<ExportList>(url, {
    refreshInterval: (data) => (data?.exports.some(isBeingMade) ? 1500 : 0),
  });
  const { mutate } = list;
  const ask = useAction(
    useCallback(
      async (request: ExportRequest) => {
        await send<ExportMessage>('POST', '/api/exports', request);
        await mutate();
      },
      [mutate],
    ),
  );
  return { list, ask };
}

const isBeingMade = ({ status }: ExportMessage) => status === 'queued' || status === 'running';

/** What asks for this export once more, names and all. */
export function sameExport({ jobId, encoder, layout, names }: ExportMessage): ExportRequest {
  return { jobId, encoder, layout, names };
}
