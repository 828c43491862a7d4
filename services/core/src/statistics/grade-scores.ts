import type { GradeMetric } from '../contract/grade-evaluation.ts';

export interface GradedOnce {
  /** Index of the true class. */
  label: number;
  probabilities: readonly number[];
}
/** NaN where a metric is not defined, as an AUC without a slide of the class. */
export type Scores = Record<GradeMetric, number>;

/**
 * The trainer's slide_metrics.metrics, of the same slides many times: each slide counts as often as `times` says. What
 * does not depend on that, the order of the scores, is done once; a resample is then linear in the slides.
 */
export function gradeScorer(rows: readonly GradedOnce[], classes: number): (times: Uint32Array) => Scores {
  const labels = Int32Array.from(rows, (row) => row.label);
  const grades = Int32Array.from(rows, (row) => gradeOf(row.probabilities));
  const orders = Array.from({ length: classes }, (_, k) => byScore(rows, k));
  return (times) => {
    const confusion = Array.from({ length: classes }, () => new Float64Array(classes));
    for (let i = 0; i < labels.length; i += 1) {
      const row = confusion[labels[i] as number] as Float64Array;
      row[grades[i] as number] = (row[grades[i] as number] as number) + (times[i] as number);
    }
    const areas = orders.map((order, k) => weightedAuc(order, labels, times, k)).filter((area) => !Number.isNaN(area));
    return { ...ofConfusion(confusion), macro_auc: areas.length > 0 ? mean(areas) : Number.NaN };
  };
}

/** Index of the most probable class, the first of equals. */
export function gradeOf(probabilities: readonly number[]): number {
  let best = 0;
  for (let k = 1; k < probabilities.length; k += 1) {
    if ((probabilities[k] as number) > (probabilities[best] as number)) best = k;
  }
  return best;
}

function ofConfusion(confusion: Float64Array[]): Omit<Scores, 'macro_auc'> {
  const classes = confusion.length;
  const trues = confusion.map((row) => row.reduce((sum, n) => sum + n, 0));
  const said = Array.from({ length: classes }, (_, k) => confusion.reduce((sum, row) => sum + (row[k] ?? 0), 0));
  const total = trues.reduce((sum, n) => sum + n, 0);
  const hit = (k: number) => confusion[k]?.[k] ?? 0;
  const of = (counts: number[], k: number) => counts[k] ?? 0;
  const all = Array.from({ length: classes }, (_, k) => k);
  let observed = 0;
  let expected = 0;
  for (const i of all) {
    for (const j of all) {
      observed += (i - j) ** 2 * (confusion[i]?.[j] ?? 0);
      expected += ((i - j) ** 2 * of(trues, i) * of(said, j)) / total;
    }
  }
  const present = all.filter((k) => of(trues, k) > 0);
  const seen = all.filter((k) => of(trues, k) + of(said, k) > 0);
  return {
    accuracy: all.reduce((sum, k) => sum + hit(k), 0) / total,
    balanced_accuracy: mean(present.map((k) => hit(k) / of(trues, k))),
    macro_f1: mean(seen.map((k) => (2 * hit(k)) / (of(trues, k) + of(said, k)))),
    kappa: expected > 0 ? 1 - observed / expected : Number.NaN,
  };
}

/** Slides by rising score of a class; `ends`: the place after each run of equal scores. */
interface ScoreOrder {
  slides: Int32Array;
  ends: number[];
}

function byScore(rows: readonly GradedOnce[], k: number): ScoreOrder {
  const score = (i: number) => rows[i]?.probabilities[k] ?? 0;
  const slides = Int32Array.from(rows.keys()).sort((a, b) => score(a) - score(b));
  const ends: number[] = [];
  for (let at = 1; at <= slides.length; at += 1) {
    if (at === slides.length || score(slides[at] as number) !== score(slides[at - 1] as number)) ends.push(at);
  }
  return { slides, ends };
}

/** One class against the rest, ties counted half; NaN where one side is empty. */
function weightedAuc({ slides, ends }: ScoreOrder, labels: Int32Array, times: Uint32Array, k: number): number {
  let [positives, negatives, area, from] = [0, 0, 0, 0];
  for (const end of ends) {
    let [own, others] = [0, 0];
    for (let at = from; at < end; at += 1) {
      const slide = slides[at] as number;
      if (labels[slide] === k) own += times[slide] as number;
      else others += times[slide] as number;
    }
    area += own * (negatives + others / 2);
    positives += own;
    negatives += others;
    from = end;
  }
  return positives > 0 && negatives > 0 ? area / (positives * negatives) : Number.NaN;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
