import type { ReactNode } from 'react';
import classes from './comparison.module.css';

const [left, top, side, right, bottom] = [42, 8, 230, 12, 38];
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** 0…1 on both axes to places in the drawing. */
export const atX = (value: number) => left + value * side;
export const atY = (value: number) => top + (1 - value) * side;
export const pathOf = (points: readonly (readonly [number, number])[]) =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${atX(x).toFixed(1)} ${atY(y).toFixed(1)}`).join('');

/** The frame of a drawing whose axes are shares; `label` says in words what a person would see. */
export function UnitPlot({ x, y, label, children }: { x: string; y: string; label: string; children: ReactNode }) {
  return (
    <svg
      className={classes.plot}
      viewBox={`0 0 ${left + side + right} ${top + side + bottom}`}
      role="img"
      aria-label={label}
    >
      {ticks.map((tick) => (
        <g key={tick}>
          <path className={classes.grid} d={`M${atX(0)} ${atY(tick)}H${atX(1)}M${atX(tick)} ${atY(0)}V${atY(1)}`} />
          <text x={left - 6} y={atY(tick) + 3.5} textAnchor="end">
            {tick}
          </text>
          <text x={atX(tick)} y={top + side + 14} textAnchor="middle">
            {tick}
          </text>
        </g>
      ))}
      {children}
      <text x={atX(0.5)} y={top + side + 32} textAnchor="middle">
        {x}
      </text>
      <text transform={`translate(10 ${atY(0.5)}) rotate(-90)`} textAnchor="middle">
        {y}
      </text>
    </svg>
  );
}
