import { durationLabel } from '@stroma/core/units';
import type { JobDetail } from '../data/contracts.ts';
import { Meter } from '../parts/meter.tsx';
import { count } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';
import classes from './jobs.module.css';
import { leftOf, secondsOf, shareOf, useNow } from './run-time.ts';
import type { StageNode } from './stage-graph.ts';

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
  const done = node.runs.filter((run) => run.status === 'succeeded').length;
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
      <span className={classes.nodeLine}>
        <State name={node.status} />
        <span className="soft">
          {tiling
            ? `${count(tiling.done)} of ${count(tiling.total)} slides`
            : running && left
              ? left
              : seconds !== null
                ? durationLabel(seconds)
                : ''}
        </span>
      </span>
      {running && share !== null && <Meter share={share} label={node.title} />}
      {!running && tiling && <span className="soft">{count(tiling.crops)} crops</span>}
      {!running && !tiling && node.runs.length > 1 && (
        <span className="soft">
          {done} of {node.runs.length} runs
        </span>
      )}
    </button>
  );
}
