'use client';
import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
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
  const refused = (list.data?.uploads ?? []).filter(
    (upload) => upload.status === 'refused' && !dismissed.includes(upload.id),
  );
  if (refused.length === 0) return null;
  return (
    <details className={classes.refused} data-testid="refused-uploads">
      <summary>
        <span>{counted(refused.length, 'file')} refused: see why</span>
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          onClick={(event) => {
            event.preventDefault();
            setDismissed([...dismissed, ...refused.map((upload) => upload.id)].slice(-1000));
          }}
        >
          Dismiss all
        </Button>
      </summary>
      <ul>
        {refused.map((upload) => (
          <li key={upload.id}>
            <div>
              <strong>{upload.fileName}</strong>{' '}
              <span className="soft">
                {bytesLabel(upload.bytes)}, <Moment at={upload.createdAt} />
              </span>
            </div>
            {upload.refusal && <ProblemView compact problem={upload.refusal} />}
          </li>
        ))}
      </ul>
    </details>
  );
}
