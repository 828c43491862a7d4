interface FoldedSlide {
  patientId: string;
  label: number | null;
  fold: number;
}

export interface FoldChoice {
  folds: number[];
  /** True when none of the chosen models was trained on a slide of this patient. */
  heldOut: boolean;
}

/**
 * Whose models grade a slide. ABMIL's model of fold f was trained on the labelled slides of all other folds, so a
 * patient with a labelled slide is graded by the model of the patient's own fold. A patient without one was in nobody's
 * training: the mean of all folds is held out too.
 */
export function chooseFolds(
  slide: FoldedSlide,
  cohort: readonly FoldedSlide[],
  trained: readonly number[],
): FoldChoice {
  const all = [...trained].sort((a, b) => a - b);
  const patientLabelled = cohort.some((other) => other.patientId === slide.patientId && other.label !== null);
  if (!patientLabelled) return { folds: all, heldOut: true };
  if (trained.includes(slide.fold)) return { folds: [slide.fold], heldOut: true };
  return { folds: all, heldOut: false };
}
