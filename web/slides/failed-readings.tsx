'use client';
import { Button } from '@mantine/core';
import type { FailedReadingList } from '@stroma/core/http/slide-run';
import { useJson } from '../data/use-json.ts';
import { Moment } from '../parts/moment.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './slides.module.css';
import { useRetry } from './use-retry.ts';

/** Uploads whose reading failed through no fault of the file: the bytes are kept, and each can be read once more. */
export function FailedReadings() {
  const list = useJson<FailedReadingList>('/api/failed-readings', { refreshInterval: 30_000 });
  const retry = useRetry();
  const readings = list.data?.readings ?? [];
  if (list.error && !list.data) {
    return <ProblemView compact problem={list.error.problem} onRetry={() => void list.mutate()} />;
  }
  if (readings.length === 0) return null;
  return (
    <details className={classes.refused} data-testid="failed-readings">
      <summary>
        <span>{counted(readings.length, 'upload')} could not be read: see why, and retry</span>
      </summary>
      <ul>
        {readings.map(({ runId, name, error, endedAt }) => (
          <li key={runId}>
            <div>
              <strong>{name}</strong> {endedAt && <Moment at={endedAt} />}{' '}
              <Button size="compact-xs" variant="default" loading={retry.busy} onClick={() => retry.run(runId)}>
                Retry
              </Button>
            </div>
            {error && <ProblemView compact problem={error} />}
          </li>
        ))}
      </ul>
      {retry.problem && <ProblemView compact problem={retry.problem} />}
    </details>
  );
}
