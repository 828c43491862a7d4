import { useEffect } from 'react';
import { useSWRConfig } from 'swr';

/** Asks again for what the page shows whenever the server says that a run of the job changed. */
export function useJobEvents(jobId: string) {
  const { mutate } = useSWRConfig();
  useEffect(() => {
    const events = new EventSource(`/api/jobs/${jobId}/events`);
    events.addEventListener('change', (event: MessageEvent<string>) => {
      const { runId } = JSON.parse(event.data) as { runId: number };
      void mutate(`/api/jobs/${jobId}`);
      void mutate(`/api/runs/${runId}/metrics`);
      void mutate(`/api/runs/${runId}/pictures`);
    });
    return () => events.close();
  }, [jobId, mutate]);
}
