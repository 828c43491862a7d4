import { StromaError } from '@stroma/core/errors';
import type { CropFilter } from '@stroma/core/http/similar-crops';
import type { CohortEmbeddingSet } from '@stroma/db/embedding-sets';

type Member = Pick<CohortEmbeddingSet, 'slideId' | 'patientId' | 'label' | 'site'>;

/** The slides whose crops are compared. A slide, a label or a site that the cohort does not have is refused, not ignored. */
export function filterSets<Set extends Member>(
  sets: readonly Set[],
  classes: readonly string[],
  filter: CropFilter,
  asked?: Member,
): Set[] {
  const { slideIds, labels, unlabelled, sites, unnamedSite, except } = filter;
  const slides = new Set(sets.map((set) => set.slideId));
  const noSlide = slideIds?.find((id) => !slides.has(id));
  if (noSlide) throw notInCohort('slide', 'a slide of the job’s cohort that has embeddings', `slide ${noSlide}`);
  const noLabel = labels?.find((label) => !classes.includes(label));
  if (noLabel !== undefined) throw notInCohort('label', `one of ${classes.join(', ')}`, noLabel);
  const known = sitesOf(sets);
  const otherSite = sites?.find((site) => !known.includes(site));
  if (otherSite !== undefined)
    throw notInCohort(
      'site',
      known.length > 0 ? `one of ${known.join(', ')}` : 'no site: the cohort’s labels name none',
      otherSite,
    );
  const anySite = !unnamedSite && !sites?.length;
  const anyLabel = !unlabelled && !labels?.length;
  return sets.filter((set) => {
    if (slideIds && !slideIds.includes(set.slideId)) return false;
    const label = labelOf(set, classes);
    if (!anyLabel && !(label === null ? unlabelled : labels?.includes(label))) return false;
    if (!anySite && !(set.site === null ? unnamedSite : sites?.includes(set.site))) return false;
    if (asked && except === 'slide') return set.slideId !== asked.slideId;
    if (asked && except === 'patient') return set.patientId !== asked.patientId;
    return true;
  });
}

export function labelOf({ label }: Pick<Member, 'label'>, classes: readonly string[]): string | null {
  return label === null ? null : (classes[label] ?? null);
}

/** Sites that the cohort's labels name, in the order of the alphabet. */
export function sitesOf(sets: readonly Pick<Member, 'site'>[]): string[] {
  return [...new Set(sets.flatMap(({ site }) => (site === null ? [] : [site])))].sort();
}

function notInCohort(what: 'slide' | 'label' | 'site', expected: string, found: string): StromaError {
  return new StromaError({
    code: `search.${what}`,
    message: `The search is limited to a ${what} that the job’s cohort does not have.`,
    expected,
    found,
    remedy: `Choose a ${what} of the cohort, or search without this limit.`,
  });
}
