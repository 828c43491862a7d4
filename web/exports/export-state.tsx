import type { ExportMessage } from '@stroma/core/http/export';
import { bytesLabel } from '@stroma/core/units';
import { leftOf } from '../jobs/run-time.ts';
import { Icon } from '../parts/icon.tsx';
import { Meter } from '../parts/meter.tsx';
import { count, counted, figure } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import classes from './exports.module.css';

/** Waiting, being written and how far, failed with its reason, or ready with a link to take it. */
export function ExportState({ one, onRetry }: { one: ExportMessage; onRetry?: (() => void) | undefined }) {
  if (one.status === 'queued') return <State name="queued" text="waits for a worker" />;
  if (one.status === 'running') return <Writing one={one} />;
  if (one.status === 'failed') {
    return (
      <ProblemView compact problem={one.error ?? { code: 'export', message: 'The export failed.' }} onRetry={onRetry} />
    );
  }
  return (
    <span className={classes.ready}>
      <a href={`/api/exports/${one.id}/download`} download data-testid="export-download" className={classes.download}>
        <Icon name="download" size={14} /> Download {one.bytes !== null && bytesLabel(one.bytes)}
      </a>
      <span className="soft">{contents(one)}</span>
    </span>
  );
}

/** `12 of 36 slides, 3.1 slides/s, 8 s left` */
function Writing({ one: { progress } }: { one: ExportMessage }) {
  if (!progress) return <State name="running" text="being written" />;
  const { done, total, unit, ratePerS } = progress;
  const words = [
    `${count(done)} of ${counted(total, unit)}`,
    ratePerS ? `${figure(ratePerS)} ${unit}s/s` : null,
    leftOf({ status: 'running', progress }),
  ];
  return (
    <div className={classes.writing} data-testid="export-progress">
      <State name="running" text={`being written: ${words.filter(Boolean).join(', ')}`} />
      <Meter share={done / Math.max(total, 1)} label="Share of the slides that are written" />
    </div>
  );
}

const contents = (one: ExportMessage) =>
  [
    one.slideCount === null ? null : counted(one.slideCount, 'slide'),
    one.cropCount === null ? null : counted(one.cropCount, 'crop'),
  ]
    .filter(Boolean)
    .join(', ');
