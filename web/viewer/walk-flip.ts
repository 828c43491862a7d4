/** What ABMIL makes of a step: probabilities by class. */
export interface GradedStep {
  alpha: number;
  probabilities: readonly number[];
}

export interface Flip {
  /** The first step, coming from the primary crop, at which another grade is the most probable. */
  alpha: number;
  /** The step before it; null when the picture of the primary crop itself is graded otherwise. */
  before: number | null;
  grade: number;
}

/** Where the slide's grade changes on the way from alpha 1 to alpha 0; null when it never does. */
export function flipOf(grade: number, steps: readonly GradedStep[]): Flip | null {
  const way = [...steps].sort((a, b) => b.alpha - a.alpha);
  const at = way.findIndex((step) => mostProbable(step.probabilities) !== grade);
  const step = way[at];
  if (!step) return null;
  return { alpha: step.alpha, before: way[at - 1]?.alpha ?? null, grade: mostProbable(step.probabilities) };
}

export function mostProbable(probabilities: readonly number[]): number {
  return probabilities.indexOf(Math.max(...probabilities));
}
