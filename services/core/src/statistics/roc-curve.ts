export interface RocPoint {
  falsePositiveRate: number;
  truePositiveRate: number;
  /** Slides at this probability or above are called positive. */
  threshold: number;
}

/** One class against the rest, by falling threshold; undefined where all slides or none are of the class. */
export function rocCurve(rows: readonly { positive: boolean; score: number }[]): RocPoint[] | undefined {
  const positives = rows.filter((row) => row.positive).length;
  const negatives = rows.length - positives;
  if (positives === 0 || negatives === 0) return undefined;
  const points: RocPoint[] = [{ falsePositiveRate: 0, truePositiveRate: 0, threshold: Number.POSITIVE_INFINITY }];
  let [hits, alarms] = [0, 0];
  const falling = [...rows].sort((a, b) => b.score - a.score);
  for (const [at, row] of falling.entries()) {
    if (row.positive) hits += 1;
    else alarms += 1;
    // Equal scores are called together.
    if (falling[at + 1]?.score === row.score) continue;
    points.push({
      falsePositiveRate: alarms / negatives,
      truePositiveRate: hits / positives,
      threshold: row.score,
    });
  }
  return points;
}
