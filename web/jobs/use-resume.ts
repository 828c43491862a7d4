import type { JobDetail } from '@stroma/core/http/job';
import { useCallback } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';

export function useResume(jobId: string) {
  const { mutate } = useSWRConfig();
  return useAction(
    useCallback(
      async (how?: { ignoreAlarms: boolean }) => {
        const query = how?.ignoreAlarms ? '?ignoreAlarms=true' : '';
        const resumed = await send<JobDetail>('POST', `/api/jobs/${jobId}/resume${query}`);
        await mutate(`/api/jobs/${jobId}`, resumed, { revalidate: true });
      },
      [jobId, mutate],
    ),
  );
}
