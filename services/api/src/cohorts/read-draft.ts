import type { Problem } from '@stroma/core/errors';
import type { CohortDraft, LabelReport } from '@stroma/core/http/cohort';
import type { DuplicatePair } from '@stroma/db/slide-duplicates';
import { findObstacles, findWarnings, type SortedRows } from './draft-problems.ts';
import { dealFolds } from './folds.ts';
import { type LabelRow, parseLabels } from './labels-csv.ts';
import { siteBalance, siteWarnings } from './sites.ts';
import { indexSlides, type NamedSlide } from './slide-index.ts';
import { findSpellings, spellingWarnings } from './spellings.ts';
import { findTwins, twinWarnings } from './twins.ts';
import { classWarnings, gradesAsClasses, unknownSpellings, writtenGrades } from './written-grades.ts';

export interface ReadDraft {
  /** All but what other cohorts have in common with it. */
  report: Omit<LabelReport, 'overlaps'>;
  /** Why the cohort cannot be made; empty when it can. */
  obstacles: Problem[];
  classes: string[];
  patients: { patientId: string; fold: number }[];
  slides: { slideId: string; patientId: string; label: number | null; site: string | null }[];
}

/** What there is that a draft is read against. */
export interface Surroundings {
  slides: readonly NamedSlide[];
  /** Slides that may be one slide in two files. */
  pairs: readonly DuplicatePair[];
  nameTaken: boolean;
}

/** What a draft would become with the slides that there are. The dry run and the real one both come from here. */
export function readDraft(draft: CohortDraft, { slides, pairs, nameTaken }: Surroundings): ReadDraft {
  const rows = parseLabels(draft.labelsCsv);
  const written = new Map(rows.map((row) => [row.line, row.grade]));
  const sorted = sortRows(gradesAsClasses(rows, draft), slides);
  const { matched } = sorted;
  const classes = classesOf(matched);
  const members = matched.map(({ slide, patientId, grade, site }) => {
    return { slideId: slide, patientId, label: grade === null ? null : classes.indexOf(grade), site };
  });
  const folds = dealFolds(members, draft.foldCount, draft.seed);
  const counts = classes.map((grade) => {
    const rows = matched.filter((row) => row.grade === grade);
    return { grade, slides: rows.length, patients: new Set(rows.map((row) => row.patientId)).size };
  });
  const sites = siteBalance(matched);
  const spellings = findSpellings(folds);
  const twins = findTwins(matched, slides, folds, pairs);
  const obstacles = [...unknownSpellings(rows, draft), ...findObstacles(draft, sorted, folds.size, nameTaken)];
  const named = new Set(matched.map((row) => row.slide));
  const { nameless: _, ...lists } = sorted;
  return {
    report: {
      ...lists,
      twins,
      unlabelled: slides.filter((slide) => !named.has(slide.id)).map(({ id, name }) => ({ slide: id, name })),
      grades: writtenGrades(
        matched.map(({ line }) => written.get(line) ?? null),
        matched.map(({ grade }) => grade),
      ),
      classes: counts,
      sites,
      spellings,
      warnings: [
        ...obstacles.map((each) => each.message),
        ...twinWarnings(twins),
        ...spellingWarnings(spellings),
        ...classWarnings(classes),
        ...siteWarnings(sites),
        ...findWarnings(draft, sorted, counts),
      ],
      acceptable: obstacles.length === 0,
    },
    obstacles,
    classes,
    patients: [...folds].map(([patientId, fold]) => ({ patientId, fold })),
    slides: members,
  };
}

function sortRows(rows: readonly LabelRow[], slides: readonly NamedSlide[]): SortedRows {
  const index = indexSlides(slides);
  const sorted: SortedRows = { matched: [], unmatched: [], ambiguous: [], duplicate: [], nameless: [] };
  const firstLines = new Map<string, number>();
  for (const { line, slideId, patientId, grade, site } of rows) {
    const [slide, ...others] = index.find(slideId);
    if (!slide) sorted.unmatched.push({ line, slideId });
    else if (others.length > 0) {
      sorted.ambiguous.push({ line, slideId, slides: [slide, ...others].map((each) => `${each.name} (${each.id})`) });
    } else if (firstLines.has(slide.id)) {
      sorted.duplicate.push({ line, slideId, firstLine: firstLines.get(slide.id) ?? line });
    } else {
      firstLines.set(slide.id, line);
      if (!patientId) sorted.nameless.push(line);
      sorted.matched.push({ line, slideId, slide: slide.id, patientId, grade, site });
    }
  }
  return sorted;
}

/** In the order of their numbers where they have some, so that label 0 is the lowest grade. */
function classesOf(rows: readonly { grade: string | null }[]): string[] {
  const grades = new Set(rows.flatMap((row) => (row.grade === null ? [] : [row.grade])));
  return [...grades].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1));
}
