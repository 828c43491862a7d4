import type { Measured } from '@stroma/core/http/model';

/** Numbers of a result that say what it was measured on, rather than how well. */
const counts = new Set(['n_slides', 'n_folds', 'n_patients', 'n_seeds']);

/** The trainer's metrics that are one number each, with their intervals. */
export function measuresOf(metrics: unknown): Measured[] {
  if (!isRecord(metrics)) return [];
  const intervals = isRecord(metrics.ci) ? metrics.ci : {};
  return Object.entries(metrics).flatMap(([name, value]) => {
    if (typeof value !== 'number' || counts.has(name)) return [];
    const [low, high] = Array.isArray(intervals[name]) ? (intervals[name] as unknown[]) : [];
    return [{ name, value, low: numberOrNull(low), high: numberOrNull(high) }];
  });
}

export function measuredOn(metrics: unknown): { slides: number | null; folds: number | null } {
  const found = isRecord(metrics) ? metrics : {};
  return { slides: numberOrNull(found.n_slides), folds: numberOrNull(found.n_folds) };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const numberOrNull = (value: unknown) => (typeof value === 'number' ? value : null);
