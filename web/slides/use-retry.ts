import { useCallback } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';

const told = ['/api/slides', '/api/failed-readings', '/api/upload-list'];

/** Has a run that failed or was stopped carried out once more. */
export function useRetry() {
  const { mutate } = useSWRConfig();
  return useAction(
    useCallback(
      async (runId: number) => {
        await send('POST', `/api/runs/${runId}/retry`);
        await mutate((key) => typeof key === 'string' && told.some((start) => key.startsWith(start)));
      },
      [mutate],
    ),
  );
}
