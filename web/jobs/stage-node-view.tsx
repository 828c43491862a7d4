import type { JobDetail } from '@stroma/core/http/job';
import { durationLabel } from '@stroma/core/units';
import { Meter } from '../parts/meter.tsx';
import { count, counted } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import classes from './jobs.module.css';
import { leftOf, secondsOf, shareOf, useNow } from './run-time.ts';
import type { StageNode } from './stage-graph.ts';
import { encoderWord } from './stage-word.ts';

/** Stages that come once for each encoder. */
const repeated = new Set(['embed', 'train_abmil', 'predict']);

export function StageNodeView({
  node,
  tiling,
  chosen,
  onChoose,
}: {
  node: StageNode;
  tiling: JobDetail['tiling'] | null;
  chosen: boolean;
  onChoose: (key: string) => void;
}) {
  const running = node.status === 'running';
  const now = useNow(running);
  const seconds = secondsOf(node.runs, now);
  const share = tiling ? (tiling.total > 0 ? tiling.done / tiling.total : null) : shareOf(node.runs);
  const left = leftOf(node.runs.find((run) => run.status === 'running'));
  const time = running && left ? left : seconds !== null ? durationLabel(seconds) : '';
  const of = tiling
    ? `${count(tiling.done)} of ${counted(tiling.total, 'slide')}`
    : node.runs.length > 1
      ? `${node.runs.filter((run) => run.status === 'succeeded').length} of ${node.runs.length} runs`
      : repeated.has(node.stage) && node.encoder
        ? `of ${encoderWord[node.encoder]}`
        : '';
  return (
    <button
      type="button"
      className={classes.node}
      data-status={node.status}
      data-testid={`stage-${node.key}`}
      aria-pressed={chosen}
      onClick={() => onChoose(node.key)}
    >
      <span className={classes.nodeTitle}>{node.title}</span>
      <span className={classes.nodeOf}>{of}</span>
      <span className={classes.nodeLine}>
        <State name={node.status} />
        <span className="soft">{time}</span>
      </span>
      {running && share !== null && <Meter share={share} label={node.title} />}
    </button>
  );
}
