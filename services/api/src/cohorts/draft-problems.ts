import type { Problem } from '@stroma/core/errors';
import type { CohortDraft, LabelReport } from '@stroma/core/http/cohort';

/** The rows of the labels by what became of them. */
export type SortedRows = Pick<LabelReport, 'matched' | 'unmatched' | 'ambiguous' | 'duplicate'> & {
  /** Lines without a patient. */
  nameless: number[];
};

/** Why a cohort cannot be made of these rows. */
export function findObstacles(
  draft: CohortDraft,
  { matched, ambiguous, duplicate, nameless }: SortedRows,
  patients: number,
  nameTaken: boolean,
): Problem[] {
  const obstacles: Problem[] = [];
  const add = (code: string, problem: Omit<Problem, 'code'>) => obstacles.push({ code: `cohort.${code}`, ...problem });
  if (nameTaken) {
    add('name', {
      message: `There is a cohort named “${draft.name}” already.`,
      expected: 'a name that no cohort has',
      found: draft.name,
      where: 'name',
      remedy: 'Choose another name.',
    });
  }
  if (ambiguous.length > 0) {
    add('ambiguous', {
      message: `More than one slide has the name given in ${rowsLabel(ambiguous.length)}.`,
      where: linesLabel(ambiguous),
      remedy: 'Write the slide’s uuid in the column slide_id.',
    });
  }
  if (duplicate.length > 0) {
    add('duplicate', {
      message: `A slide that an earlier row names is named again in ${rowsLabel(duplicate.length)}.`,
      where: linesLabel(duplicate),
      remedy: 'Keep one row for each slide.',
    });
  }
  if (nameless.length > 0) {
    add('patient', {
      message: `The patient_id is missing in ${rowsLabel(nameless.length)}; folds are made by patient.`,
      where: linesLabel(nameless.map((line) => ({ line }))),
      remedy: 'Fill the column patient_id; the slide’s own name will do where each slide is one patient.',
    });
  }
  if (matched.length < 2) {
    add('size', {
      message: 'A cohort needs at least 2 slides: interpolation is between two of them.',
      expected: 'at least 2 matched slides',
      found: String(matched.length),
      remedy: 'Upload the slides first, then check that slide_id is their file name without ending.',
    });
  } else if (patients < draft.foldCount) {
    add('folds', {
      message: `There are fewer patients (${patients}) than folds (${draft.foldCount}).`,
      expected: `at least ${draft.foldCount} patients`,
      found: String(patients),
      remedy: patients < 2 ? 'Add slides of another patient.' : `Choose at most ${patients} folds.`,
    });
  }
  return obstacles;
}

/** What a person should know before making it. */
export function findWarnings(
  draft: CohortDraft,
  { matched, unmatched }: SortedRows,
  counts: LabelReport['classes'],
): string[] {
  const warnings: string[] = [];
  if (unmatched.length > 0) warnings.push(`Left out, because no slide has their name: ${rowsLabel(unmatched.length)}.`);
  const unlabelled = matched.filter((row) => row.grade === null).length;
  if (unlabelled > 0)
    warnings.push(`Trained on, never evaluated, because they have no grade: ${slidesLabel(unlabelled)}.`);
  if (counts.length < 2)
    warnings.push('Grading needs slides of at least 2 grades; a training job on this cohort would be refused.');
  for (const { grade, patients } of counts) {
    if (patients >= draft.foldCount) continue;
    warnings.push(
      `Grade ${grade} has fewer patients (${patients}) than there are folds (${draft.foldCount}): some will not test it.`,
    );
  }
  return warnings;
}

function rowsLabel(count: number): string {
  return count === 1 ? '1 row' : `${count} rows`;
}

function slidesLabel(count: number): string {
  return count === 1 ? '1 slide' : `${count} slides`;
}

function linesLabel(rows: readonly { line: number }[]): string {
  const shown = rows.slice(0, 10).map((row) => row.line);
  return `line ${shown.join(', ')}${rows.length > shown.length ? ` and ${rows.length - shown.length} more` : ''}`;
}
