import type { LabelReport } from '@stroma/core/http/cohort';

type Spelling = LabelReport['spellings'][number];

/** Patients whose names differ by letter case, blanks, hyphens or leading zeros only; those in different folds first. */
export function findSpellings(folds: ReadonlyMap<string, number>): Spelling[] {
  const alike = new Map<string, string[]>();
  for (const patientId of folds.keys()) {
    const key = bare(patientId);
    const known = alike.get(key);
    if (known) known.push(patientId);
    else alike.set(key, [patientId]);
  }
  return [...alike.values()]
    .filter((patientIds) => patientIds.length > 1)
    .map((patientIds) => ({ patientIds, acrossFolds: new Set(patientIds.map((id) => folds.get(id))).size > 1 }))
    .sort((a, b) => Number(b.acrossFolds) - Number(a.acrossFolds));
}

const bare = (patientId: string) =>
  patientId
    .toLowerCase()
    .replace(/[\s_-]+/g, '')
    .replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, ''));

export function spellingWarnings(spellings: readonly Spelling[]): string[] {
  const leaks = spellings.filter((one) => one.acrossFolds).length;
  if (leaks === 0) return [];
  const who = leaks === 1 ? '1 patient may be' : `${leaks} patients may be`;
  return [
    `${who} written in two ways and would lie in different folds: a model would be tested on whom it was trained on. Write each patient_id in one way.`,
  ];
}
