import { StromaError } from '@stroma/core/errors';
import type { CropFilter } from '@stroma/core/http/similar-crops';
import type { CohortEmbeddingSet } from '@stroma/db/embedding-sets';

type Member = Pick<CohortEmbeddingSet, 'slideId' | 'patientId' | 'label'>;

/** The slides whose crops are compared. A slide or a label that the cohort does not have is refused, not ignored. */
export function filterSets<Set extends Member>(
  sets: readonly Set[],
  classes: readonly string[],
  filter: CropFilter,
  asked?: Member,
): Set[] {
  const { slideIds, labels, unlabelled, except } = filter;
  const slides = new Set(sets.map((set) => set.slideId));
  const noSlide = slideIds?.find((id) => !slides.has(id));
  if (noSlide) throw notInCohort('slide', 'a slide of the job’s cohort that has embeddings', `slide ${noSlide}`);
  const noLabel = labels?.find((label) => !classes.includes(label));
  if (noLabel !== undefined) throw notInCohort('label', `one of ${classes.join(', ')}`, noLabel);
  const anyLabel = !unlabelled && !labels?.length;
  return sets.filter((set) => {
    if (slideIds && !slideIds.includes(set.slideId)) return false;
    const label = labelOf(set, classes);
    if (!anyLabel && !(label === null ? unlabelled : labels?.includes(label))) return false;
    if (asked && except === 'slide') return set.slideId !== asked.slideId;
    if (asked && except === 'patient') return set.patientId !== asked.patientId;
    return true;
  });
}

export function labelOf({ label }: Pick<Member, 'label'>, classes: readonly string[]): string | null {
  return label === null ? null : (classes[label] ?? null);
}

function notInCohort(what: 'slide' | 'label', expected: string, found: string): StromaError {
  return new StromaError({
    code: `search.${what}`,
    message: `The search is limited to a ${what} that the job’s cohort does not have.`,
    expected,
    found,
    remedy: `Choose a ${what} of the cohort, or search without this limit.`,
  });
}
