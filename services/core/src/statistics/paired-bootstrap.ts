import { type GradeMetric, gradeMetrics } from '../contract/grade-evaluation.ts';
import { gradeScorer, type Scores } from './grade-scores.ts';
import { seededDraws } from './seeded-draws.ts';

/** One slide that two models graded. */
export interface GradedTwice {
  patientId: string;
  label: number;
  first: readonly number[];
  second: readonly number[];
}

export interface Difference {
  /** Second less first; positive: the second is better. */
  value: number;
  /** 2.5th and 97.5th percentiles over the resamples in which both are defined. */
  low: number;
  high: number;
  /** Two-sided: how often a resample shows no difference or one the other way. */
  p: number;
}

/**
 * Resamples of whole patients, drawn with replacement and graded by both models: the same slides for both, so what is
 * hard about a slide cancels out. Yields once a resample, so that a server can do other things in between; returns the
 * differences, null where a metric is not defined.
 */
export function* pairedBootstrap(
  rows: readonly GradedTwice[],
  { classes, resamples, seed }: { classes: number; resamples: number; seed: number },
): Generator<void, Record<GradeMetric, Difference | null>> {
  const first = gradeScorer(of(rows, 'first'), classes);
  const second = gradeScorer(of(rows, 'second'), classes);
  const less = (times: Uint32Array) => subtract(second(times), first(times));
  const patients = slidesByPatient(rows);
  const draw = seededDraws(seed);
  const drawn: Record<GradeMetric, number>[] = [];
  const times = new Uint32Array(rows.length);
  for (let resample = 0; resample < resamples; resample += 1) {
    times.fill(0);
    for (let n = 0; n < patients.length; n += 1) {
      for (const row of patients[draw(patients.length)] ?? []) times[row] = (times[row] as number) + 1;
    }
    drawn.push(less(times));
    yield;
  }
  const whole = less(times.fill(1));
  return byMetric((metric) => {
    const values = Float64Array.from(drawn, (one) => one[metric]).filter((value) => !Number.isNaN(value));
    return Number.isNaN(whole[metric]) || values.length === 0 ? null : difference(whole[metric], values.sort());
  });
}

function difference(value: number, sorted: Float64Array): Difference {
  const notAbove = sorted.filter((one) => one <= 0).length;
  const notBelow = sorted.filter((one) => one >= 0).length;
  // The set as it was observed counts as one resample more: no p is 0.
  const p = Math.min(1, (2 * (1 + Math.min(notAbove, notBelow))) / (1 + sorted.length));
  return { value, low: percentile(sorted, 2.5), high: percentile(sorted, 97.5), p };
}

/** As numpy's: linear between the two nearest. */
export function percentile(sorted: Float64Array, percent: number): number {
  const place = ((sorted.length - 1) * percent) / 100;
  const [below, above] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number];
  return below + (above - below) * (place - Math.floor(place));
}

/** Places in `rows`, of each patient those of the slides. */
function slidesByPatient(rows: readonly GradedTwice[]): number[][] {
  const found = new Map<string, number[]>();
  for (const [place, { patientId }] of rows.entries()) {
    found.set(patientId, [...(found.get(patientId) ?? []), place]);
  }
  return [...found.values()];
}

const of = (rows: readonly GradedTwice[], which: 'first' | 'second') =>
  rows.map((row) => ({ label: row.label, probabilities: row[which] }));
const subtract = (a: Scores, b: Scores) => byMetric((metric) => a[metric] - b[metric]);
const byMetric = <T>(value: (metric: GradeMetric) => T) =>
  Object.fromEntries(gradeMetrics.map((metric) => [metric, value(metric)])) as Record<GradeMetric, T>;
