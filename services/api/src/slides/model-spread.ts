import type { ModelSpread } from '@stroma/core/http/grading';

/** Of probabilities as they are kept: model after model, within each class after class. */
export function modelSpread(each: readonly number[], classes: number): ModelSpread {
  const byClass = Array.from({ length: classes }, (_, c) => each.filter((_, i) => i % classes === c));
  return {
    low: byClass.map((one) => Math.min(...one)),
    high: byClass.map((one) => Math.max(...one)),
    models: each.length / classes,
  };
}
