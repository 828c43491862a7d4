import { Button } from '@mantine/core';
import type { SlideRun, SlideRunList, UnreadablePlace } from '@stroma/core/http/slide-run';
import { durationLabel, scaleLabel } from '@stroma/core/units';
import { useJson } from '../data/use-json.ts';
import { leftOf } from '../jobs/run-time.ts';
import { Meter } from '../parts/meter.tsx';
import { count, counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import classes from './slide-work.module.css';
import { useRetry } from './use-retry.ts';

interface Props {
  slideId: string;
  /** Shows a place of the slide, when the slide is on screen. */
  onPlace: (place: UnreadablePlace) => void;
}

/** What was done with the slide, how long each step took, and where its pixels could not be read. */
export function SlideWork({ slideId, onPlace }: Props) {
  const list = useJson<SlideRunList>(`/api/slides/${slideId}/runs`, {
    refreshInterval: (latest) => (latest?.runs.some((run) => isOpen(run)) ? 1500 : 0),
  });
  if (list.error) return <ProblemView compact problem={list.error.problem} />;
  if (!list.data) return <p className="soft">Loading the work done on this slide …</p>;
  if (list.data.runs.length === 0) return <p className="soft">Nothing is kept of how this slide was read.</p>;
  return (
    <ol className={classes.runs} data-testid="slide-work">
      {list.data.runs.map((run) => (
        <li key={run.id}>
          <RunLine run={run} onPlace={onPlace} />
        </li>
      ))}
    </ol>
  );
}

function RunLine({ run, onPlace }: { run: SlideRun; onPlace: Props['onPlace'] }) {
  const retry = useRetry();
  const longest = Math.max(...run.steps.map((step) => step.seconds), 0.001);
  const places = run.unreadablePlaces;
  return (
    <>
      <div className={classes.head}>
        <span>{titleOf(run)}</span>
        <State name={run.status} />
        {(run.status === 'failed' || run.status === 'cancelled') && (
          <Button size="compact-xs" variant="default" loading={retry.busy} onClick={() => retry.run(run.id)}>
            Retry
          </Button>
        )}
      </div>
      <p className="soft">{timeOf(run)}</p>
      {run.progress && isOpen(run) && (
        <>
          <Meter share={run.progress.done / Math.max(run.progress.total, 1)} label={run.progress.phase} />
          <p className="soft">
            {[
              `${run.progress.phase}: ${count(run.progress.done)} of ${counted(run.progress.total, run.progress.unit)}`,
              leftOf(run),
            ]
              .filter(Boolean)
              .join(', ')}
          </p>
        </>
      )}
      <ul className={classes.steps}>
        {run.steps.map((step) => (
          <li key={step.name}>
            <span>
              {step.name}
              {step.times > 1 && <span className="soft"> × {step.times}</span>}
            </span>
            <Meter share={step.seconds / longest} label={`${step.name}: ${durationLabel(step.seconds)}`} />
            <span className={classes.seconds}>{secondsLabel(step.seconds)}</span>
          </li>
        ))}
      </ul>
      {run.error && <ProblemView compact problem={run.error} />}
      {retry.problem && <ProblemView compact problem={retry.problem} />}
      {run.unreadableTiles > 0 && (
        <details className={classes.places}>
          <summary>
            {counted(run.unreadableTiles, 'tile')} could not be read; {counted(run.skippedCrops, 'crop')} over them left
            out
          </summary>
          <ul>
            {places.map((place) => (
              <li key={`${place.x0},${place.y0}`}>
                <button type="button" className="link" onClick={() => onPlace(place)}>
                  {count(place.width0)} × {count(place.height0)} px at {count(place.x0)}, {count(place.y0)}
                </button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const isOpen = ({ status }: SlideRun) => status === 'queued' || status === 'running';

function titleOf({ stage, mpp, sizePx }: SlideRun): string {
  if (stage === 'read_slide') return 'Reading the upload';
  if (stage === 'grade_slide') return `Grading on arrival${mpp === null ? '' : ` at ${scaleLabel(mpp)}`}`;
  return mpp === null ? 'Cutting crops, dropped since' : `Cutting ${sizePx ?? ''} px crops at ${scaleLabel(mpp)}`;
}

/** `took 3.2 s after waiting 40 s; attempt 2` */
function timeOf({ startedAt, endedAt, waitedSeconds, attempt }: SlideRun): string {
  if (!startedAt) return 'waits for a worker';
  const took = endedAt ? `took ${secondsLabel((Date.parse(endedAt) - Date.parse(startedAt)) / 1000)}` : 'under way';
  const waited = waitedSeconds && waitedSeconds >= 1 ? ` after waiting ${durationLabel(waitedSeconds)}` : '';
  return `${took}${waited}${attempt > 1 ? `; attempt ${attempt}` : ''}`;
}

function secondsLabel(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(2)} s` : durationLabel(seconds);
}
