'use client';
import type { Lineage, LineageKind } from '@stroma/core/http/model';
import { useMemo } from 'react';
import { Sha256 } from '../exports/sha256.tsx';
import { encoderWord } from '../jobs/stage-word.ts';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { count, counted } from '../parts/number-label.ts';
import { type PlacedNode, placeLineage } from './lineage-graph.ts';
import classes from './models.module.css';

const word: Record<LineageKind, string> = {
  grade: 'Grade',
  slide: 'Graded slide',
  abmil: 'Slide models',
  embeddings: 'Embeddings',
  encoder: 'encoder',
  eldm: 'E-LDM',
  synthetic: 'Synthetic crops',
  crops: 'Crops',
  slides: 'Slides',
  seed: 'Seed',
};

const box = { width: 128, height: 92, gapX: 16, gapY: 16 };
const left = ({ column }: PlacedNode) => column * (box.width + box.gapX);
const top = ({ row }: PlacedNode) => row * (box.height + box.gapY);

/** From what was made, on the left, back to the slides and the seed; every box leads to its page. */
export function LineageView({ lineage, current }: { lineage: Lineage; current: string }) {
  const { placed, edges } = useMemo(() => placeLineage(lineage), [lineage]);
  const width = Math.max(...placed.map(left)) + box.width + 2;
  const height = Math.max(...placed.map(top)) + box.height + box.gapY;
  return (
    <>
      <div className={classes.graph} data-testid="lineage">
        <svg width={width} height={height}>
          <title>What this was made of, back to the slides and the seed</title>
          {edges.map(([from, to]) => (
            <path key={`${from.node.id} ${to.node.id}`} className={classes.edge} d={way(from, to)} />
          ))}
          {placed.map((one) => (
            <foreignObject key={one.node.id} x={left(one) + 1} y={top(one) + 1} width={box.width} height={box.height}>
              <Link
                href={one.node.href}
                className={classes.node}
                data-kind={one.node.kind}
                aria-current={one.node.id === current || undefined}
              >
                <strong>{titleOf(one)}</strong>
                {one.node.facts.slice(0, one.node.sha256 ? 3 : 4).map((fact) => (
                  <span key={fact} title={fact}>
                    {fact}
                  </span>
                ))}
                {one.node.sha256 && <span className="mono soft">{one.node.sha256.slice(0, 12)}</span>}
              </Link>
            </foreignObject>
          ))}
        </svg>
      </div>
      {lineage.slides.length > 0 && (
        <details className={classes.slides}>
          <summary>{counted(lineage.slides.length, 'slide')} trained on, by content</summary>
          <ListTable label="Slides trained on" columns={columns} rows={lineage.slides} rowKey={({ id }) => id} />
        </details>
      )}
    </>
  );
}

const columns: Column<Lineage['slides'][number]>[] = [
  { title: 'Slide', cell: ({ id, name }) => <Link href={`/slides/${id}`}>{name}</Link> },
  { title: 'Crops', number: true, cell: ({ crops }) => count(crops) },
  { title: 'Crop set', number: true, cell: ({ cropSetId }) => cropSetId },
  { title: 'SHA-256 of the slide', cell: ({ sha256 }) => <Sha256 value={sha256} /> },
];

function titleOf({ node: { kind, encoder } }: PlacedNode): string {
  if (kind === 'encoder') return encoder ? `${encoderWord[encoder]} ${word.encoder}` : 'Encoder';
  return word[kind];
}

/** From the right edge of one box to the left edge of the other; below the boxes between, where there are some. */
function way(from: PlacedNode, to: PlacedNode): string {
  const [x0, y0] = [left(from) + box.width + 1, top(from) + box.height / 2];
  const [x1, y1] = [left(to) + 1, top(to) + box.height / 2];
  const middle = box.gapX / 2;
  if (to.column - from.column === 1) return `M${x0} ${y0}C${x0 + middle} ${y0} ${x1 - middle} ${y1} ${x1} ${y1}`;
  const lane = Math.max(top(from), top(to)) + box.height + box.gapY / 2;
  return `M${x0} ${y0}C${x0 + middle} ${y0} ${x0 + middle} ${lane} ${x0 + box.gapX} ${lane}H${x1 - box.gapX}C${x1 - middle} ${lane} ${x1 - middle} ${y1} ${x1} ${y1}`;
}
