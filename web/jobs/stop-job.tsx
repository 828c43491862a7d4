'use client';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { JobDetail } from '@stroma/core/http/job';
import { useCallback } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Dialog } from '../parts/dialog.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';

export function StopJob({ job }: { job: JobDetail }) {
  const [opened, { open, close }] = useDisclosure();
  const { mutate } = useSWRConfig();
  const stop = useAction(
    useCallback(async () => {
      const stopped = await send<JobDetail>('POST', `/api/jobs/${job.id}/stop`);
      await mutate(`/api/jobs/${job.id}`, stopped, { revalidate: true });
      close();
    }, [job.id, mutate, close]),
  );
  const has = (status: string) => job.runs.filter((run) => run.status === status).length;
  const untiled = job.tiling.total - job.tiling.done;
  return (
    <>
      <Button variant="default" onClick={open} data-testid="stop-job">
        Stop…
      </Button>
      <Dialog opened={opened} onClose={close} title={`Stop job ${job.id}?`} centered>
        <ul style={{ margin: '0 0 16px', paddingLeft: 18 }}>
          <li>
            Kept: {counted(has('succeeded'), 'finished run')} of {job.runs.length}, and{' '}
            {counted(job.tiling.crops, 'crop')}.
          </li>
          <li>
            In progress: {counted(has('running'), 'run')}. A checkpoint is written; steps that it does not hold are
            lost.
          </li>
          <li>
            Not started: {counted(has('queued'), 'waiting run')}
            {untiled > 0 && `, ${counted(untiled, 'slide')} without crops`}.
          </li>
          <li>Resume goes on from there.</li>
        </ul>
        {stop.problem && <ProblemView compact problem={stop.problem} />}
        <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 12 }}>
          <Button variant="default" onClick={close}>
            Let it run
          </Button>
          <Button color="red.8" loading={stop.busy} onClick={() => void stop.run()} data-testid="confirm-stop">
            Stop the job
          </Button>
        </div>
      </Dialog>
    </>
  );
}
