import type { Step } from './train-setting.ts';

/** Crops a second, without the first two steps: they allocate what the others reuse. */
export function rate(steps: Step[], batch: number): number {
  const timed = steps.slice(2).filter(({ seconds }) => Number.isFinite(seconds));
  return (batch * timed.length) / timed.reduce((sum, { seconds }) => sum + seconds, 0);
}

export function dataWait(steps: Step[]): number | undefined {
  const told = steps.slice(2).flatMap(({ dataWait }) => (dataWait === undefined ? [] : [dataWait]));
  return told.length > 0 ? mean(told) : undefined;
}

/** Mean loss of every eighth of the run: single steps differ by their batches. */
export function curve(steps: Step[]): number[] {
  const eighth = steps.length / 8;
  return Array.from({ length: 8 }, (_, i) =>
    mean(steps.slice(Math.floor(i * eighth), Math.floor((i + 1) * eighth)).map(({ loss }) => loss)),
  );
}

/**
 * How far the mean curves of two trainers lie apart at most, beside how far curves of one trainer's seeds do: the noise.
 */
export function compare(ours: number[][], theirs: number[][]) {
  const average = (curves: number[][]) => curves[0]?.map((_, i) => mean(curves.map((one) => one[i] ?? 0))) ?? [];
  const apart = (a: number[], b: number[]) => Math.max(...a.map((value, i) => Math.abs(value - (b[i] ?? 0))));
  const spread = (curves: number[][]) => Math.max(0, ...curves.flatMap((a) => curves.map((b) => apart(a, b))));
  return { apart: apart(average(ours), average(theirs)), seedsApart: Math.max(spread(ours), spread(theirs)) };
}

export function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
