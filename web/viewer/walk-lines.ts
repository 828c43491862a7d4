/** Of the lines of a chart, by their place. */
export const dashes = ['', '7 3', '2 3', '10 3 2 3', '5 5', '1 2'];

export interface Line {
  name: string;
  color: string;
  /** Told apart without colour. */
  dash: string;
  points: readonly { alpha: number; value: number }[];
  /** The real slide's, drawn as a ring at the primary's end. */
  real?: number | undefined;
}

/** Of cosines: from 0, or from the quarter below the least one. */
export function cosineRange(lines: readonly Line[]): [low: number, high: number] {
  const least = Math.min(0, ...lines.flatMap((line) => line.points.map((point) => point.value)));
  return [Math.floor(least * 4) / 4, 1];
}
