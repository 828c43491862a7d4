import type { PredictionMessage } from '@stroma/core/http/slide';
import { gradeOf } from './slide-grades.ts';

/** How far the models behind a grade are apart, in the probability of that grade. */
export function spreadWords(prediction: PredictionMessage): string {
  const { spread, classes } = prediction;
  if (!spread) return 'Graded before the probabilities of each model were kept: no spread.';
  if (spread.models === 1) return 'One model, no spread.';
  const { grade } = gradeOf(prediction);
  const [low, high] = [spread.low, spread.high].map((of) => (of[classes.indexOf(grade)] ?? 0).toFixed(2));
  return `${grade} ${low}–${high}: lowest and highest of ${spread.models} models.`;
}
