'use client';
import type { JobDetail } from '@stroma/core/http/job';
import { useMemo } from 'react';
import classes from './jobs.module.css';
import { type StageNode, stageGraph } from './stage-graph.ts';
import { StageNodeView } from './stage-node-view.tsx';

const box = { width: 148, height: 76, gapX: 20, gapY: 24 };
const left = (node: StageNode) => node.column * (box.width + box.gapX);
const top = (node: StageNode) => node.row * (box.height + box.gapY);

export function StageGraphView({
  job,
  chosen,
  onChoose,
}: {
  job: JobDetail;
  chosen: string | null;
  onChoose: (key: string) => void;
}) {
  const { nodes, edges } = useMemo(() => stageGraph(job), [job]);
  const width = Math.max(...nodes.map(left)) + box.width + 2;
  const height = Math.max(...nodes.map(top)) + box.height + 2;
  return (
    <div className={classes.graph}>
      <svg width={width} height={height}>
        <title>Stages of the job, in the order in which they run</title>
        {edges.map(([from, to]) => (
          <path
            key={`${from.key} ${to.key}`}
            className={classes.edge}
            data-passed={from.status === 'succeeded' || undefined}
            d={way(from, to)}
          />
        ))}
        {nodes.map((node) => (
          <foreignObject
            key={node.key}
            x={left(node) + 1}
            y={top(node) + 1}
            width={box.width}
            height={box.height}
            overflow="visible"
          >
            <StageNodeView
              node={node}
              tiling={node.stage === 'tile' ? job.tiling : null}
              chosen={node.key === chosen}
              onChoose={onChoose}
            />
          </foreignObject>
        ))}
      </svg>
    </div>
  );
}

/** From the right edge of one box to the left edge of the other, bending just before it. */
function way(from: StageNode, to: StageNode): string {
  const x0 = left(from) + box.width + 1;
  const y0 = top(from) + box.height / 2;
  const x1 = left(to) + 1;
  const y1 = top(to) + box.height / 2;
  if (y0 === y1 && to.column - from.column === 1) return `M${x0} ${y0}H${x1}`;
  if (y0 === y1) {
    const over = top(from) + box.height + box.gapY / 2;
    return `M${x0} ${y0}c12 0 12 ${over - y0} 24 ${over - y0}H${x1 - 24}c12 0 12 ${y1 - over} 24 ${y1 - over}`;
  }
  const bend = x0 + box.gapX / 2;
  const down = y1 > y0 ? 1 : -1;
  const lane = to.column - from.column === 1 ? y1 : y0 + down * (box.height / 2 + box.gapY / 2);
  const last = x1 - box.gapX / 2;
  return `M${x0} ${y0}H${bend}V${lane}H${last}V${y1}H${x1}`;
}
