'use client';
import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import type { Problem } from '@stroma/core/errors';
import type { UploadList } from '@stroma/core/http/upload';
import { bytesLabel } from '@stroma/core/units';
import { useJson } from '../data/use-json.ts';
import { Moment } from '../parts/moment.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { useUploads } from '../upload/upload-queue.ts';
import classes from './slides.module.css';

/** Files that were not taken in, each with its reason. Dismissing hides them in this browser only. */
export function RefusedUploads() {
  const sending = useUploads().some((item) => item.state !== 'paused');
  const list = useJson<UploadList>('/api/upload-list?limit=200', { refreshInterval: sending ? 3000 : 0 });
  const [dismissed, setDismissed] = useLocalStorage<string[]>({ key: 'stroma.refusals-dismissed', defaultValue: [] });
  const refused = refusalsOf(list.data).filter((one) => !dismissed.includes(one.id));
  if (list.error && !list.data) {
    return <ProblemView compact problem={list.error.problem} onRetry={() => void list.mutate()} />;
  }
  if (refused.length === 0) return null;
  return (
    <div className={classes.refused} data-testid="refused-uploads">
      <details>
        <summary>
          <span>{counted(refused.length, 'upload')} refused: see why</span>
        </summary>
        <ul>
          {refused.map(({ id, name, bytes, createdAt, problem }) => (
            <li key={id}>
              <div>
                <strong>{name}</strong>{' '}
                <span className="soft">
                  {bytesLabel(bytes)}, <Moment at={createdAt} />
                </span>
              </div>
              {problem && <ProblemView compact problem={problem} />}
            </li>
          ))}
        </ul>
      </details>
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        onClick={() => setDismissed([...dismissed, ...refused.map((one) => one.id)].slice(-1000))}
      >
        Dismiss all
      </Button>
    </div>
  );
}

interface Refusal {
  id: string;
  name: string;
  bytes: number;
  createdAt: string;
  problem: Problem | null;
}

/** Of a zip or a folder, each thing in it that means to be a slide and is refused. */
function refusalsOf(list: UploadList | undefined): Refusal[] {
  const sent = [...(list?.uploads ?? []), ...(list?.groups ?? [])];
  const within = sent.flatMap(({ id, createdAt, findings }) =>
    findings
      .filter((finding) => finding.kind === 'refused')
      .map(({ name, bytes, problem }, index) => ({ id: `${id}-${index}`, name, bytes, createdAt, problem })),
  );
  const whole = (list?.uploads ?? [])
    .filter(({ status, findings }) => status === 'refused' && !findings.some((one) => one.kind === 'refused'))
    .map(({ id, fileName, bytes, createdAt, refusal }) => ({ id, name: fileName, bytes, createdAt, problem: refusal }));
  return [...within, ...whole].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}
