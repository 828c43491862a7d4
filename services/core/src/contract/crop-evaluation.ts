export interface Score {
  value: number;
  low: number | null;
  high: number | null;
}

export interface EncoderEvaluation {
  encoder: 'dino' | 'gen_dino';
  knn: Score | null;
  probe: Score | null;
  /** Fréchet distances at equal numbers of crops. */
  frechet: { floor: number; generated: number; crops: number } | null;
}

export interface CropEvaluation {
  crops: number;
  encoders: EncoderEvaluation[];
}

const roles = { encoder: 'dino', gen_encoder: 'gen_dino' } as const;

/** In short what an evaluation found, from its result.json; the report has all of it. */
export function cropEvaluation(result: { metrics?: unknown } | null): CropEvaluation | undefined {
  const metrics = recordOf(result?.metrics);
  if (!metrics || typeof metrics.crops !== 'number') return undefined;
  const encoders = Object.entries(roles).flatMap(([role, encoder]): EncoderEvaluation[] => {
    const found = recordOf(metrics[role]);
    if (!found) return [];
    const labels = recordOf(found.labels);
    const knn = recordOf(labels?.knn);
    return [{ encoder, knn: scoreOf(knn?.['20']), probe: scoreOf(labels?.probe), frechet: frechetOf(found.frechet) }];
  });
  return { crops: metrics.crops, encoders };
}

function scoreOf(value: unknown): Score | null {
  const found = recordOf(value);
  if (typeof found?.balanced_accuracy !== 'number') return null;
  const interval = recordOf(found.ci)?.balanced_accuracy;
  const [low, high] = Array.isArray(interval) ? interval : [];
  return { value: found.balanced_accuracy, low: numberOf(low), high: numberOf(high) };
}

function frechetOf(value: unknown): EncoderEvaluation['frechet'] {
  const found = recordOf(value);
  const generated = numberOf(recordOf(found?.across)?.generated);
  const floor = numberOf(found?.floor);
  const crops = numberOf(found?.half_n);
  return generated === null || floor === null || crops === null ? null : { floor, generated, crops };
}

const recordOf = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
const numberOf = (value: unknown) => (typeof value === 'number' ? value : null);
