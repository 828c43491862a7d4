import type { CohortDuplicate } from '@stroma/core/http/duplicate';
import type { DuplicatePair } from '@stroma/db/slide-duplicates';
import type { NamedSlide } from './slide-index.ts';

interface Row {
  /** Of the labels, where they are at hand. */
  line?: number;
  slide: string;
  patientId: string;
}

/** Pairs of members that may be one slide in two files, those in different folds first: they leak. */
export function findTwins(
  rows: readonly Row[],
  slides: readonly NamedSlide[],
  folds: ReadonlyMap<string, number>,
  pairs: readonly DuplicatePair[],
): CohortDuplicate[] {
  const bySlide = new Map(rows.map((row, place) => [row.slide, { ...row, place }]));
  const names = new Map(slides.map((slide) => [slide.id, slide.name]));
  const member = ({ slide, line, patientId }: Row) => {
    const known = { slide, name: names.get(slide) ?? slide, patientId, fold: folds.get(patientId) ?? null };
    return line === undefined ? known : { ...known, line };
  };
  const twins = pairs.flatMap(({ a, b, kind, distance }) => {
    const [one, other] = [bySlide.get(a), bySlide.get(b)];
    if (!one || !other) return [];
    const slides = [one, other].sort((x, y) => x.place - y.place).map(member);
    const acrossFolds = slides[0]?.fold !== slides[1]?.fold;
    return [{ slides, kind: kind as CohortDuplicate['kind'], distance, acrossFolds }];
  });
  return twins.sort((x, y) => Number(y.acrossFolds) - Number(x.acrossFolds));
}

export function twinWarnings(twins: readonly CohortDuplicate[]): string[] {
  const leaks = twins.filter((pair) => pair.acrossFolds).length;
  const within = twins.length - leaks;
  const warnings: string[] = [];
  if (leaks > 0) {
    warnings.push(
      `${pairsLabel(leaks)} may be one slide in two files and would lie in different folds: a model would be tested on what it was trained on. Give both the same patient, or leave one out.`,
    );
  }
  if (within > 0)
    warnings.push(`${pairsLabel(within)} may be one slide in two files, in the same fold: it counts twice.`);
  return warnings;
}

function pairsLabel(count: number): string {
  return count === 1 ? '1 pair of slides' : `${count} pairs of slides`;
}
