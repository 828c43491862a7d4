import { useMemo } from 'react';
import { type CropWeight, weightOf } from './crop-weight.ts';
import type { Encoder } from './slide-grades.ts';
import { type Grades, useScores } from './use-grades.ts';

/** Of the crop whose top-left corner is at (x0, y0), level-0 px; null while there is no such crop. */
export function useCropWeights(grades: Grades, crop: { cropSetId: number; x0: number; y0: number } | null) {
  const dino = useScores(crop ? grades.of.dino : undefined).data;
  const gen = useScores(crop ? grades.of.gen_dino : undefined).data;
  return useMemo(() => {
    const weights: Partial<Record<Encoder, CropWeight>> = {};
    if (crop && dino) weights.dino = weightOf(dino, crop);
    if (crop && gen) weights.gen_dino = weightOf(gen, crop);
    return weights;
  }, [crop, dino, gen]);
}
