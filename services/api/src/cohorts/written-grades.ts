import type { Problem } from '@stroma/core/errors';
import type { CohortDraft, LabelReport } from '@stroma/core/http/cohort';
import type { LabelRow } from './labels-csv.ts';

type Written = LabelReport['grades'][number];

/** Rows with the class that their grade means in the grade's place. */
export function gradesAsClasses(rows: readonly LabelRow[], { classOf = {} }: CohortDraft): LabelRow[] {
  const meaning = new Map(Object.entries(classOf));
  return rows.map((row) => {
    const grade = row.grade === null ? null : (meaning.get(row.grade) ?? (meaning.has(row.grade) ? null : row.grade));
    return { ...row, grade };
  });
}

/** Spellings of the rows' grades with how often they are; `classes` are those of the same rows. */
export function writtenGrades(written: readonly (string | null)[], classes: readonly (string | null)[]): Written[] {
  const found = new Map<string, Written>();
  for (const [i, grade] of written.entries()) {
    if (grade === null) continue;
    const known = found.get(grade);
    if (known) known.slides += 1;
    else found.set(grade, { written: grade, slides: 1, grade: classes[i] ?? null, alike: [] });
  }
  const all = [...found.values()].sort((a, b) => a.written.localeCompare(b.written, 'en', { numeric: true }));
  const spellings = groupedAlike(all.map((one) => one.written));
  return all.map((one) => {
    const alike = spellings.get(bare(one.written)) ?? [];
    return { ...one, alike: alike.filter((other) => other !== one.written) };
  });
}

function groupedAlike(grades: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const grade of grades) groups.set(bare(grade), [...(groups.get(bare(grade)) ?? []), grade]);
  return groups;
}

const bare = (grade: string) => grade.normalize('NFKC').toLowerCase().replace(/\s+/g, '');

/** Classes that are likely one, because only letter case or blanks tell them apart. */
export function classWarnings(classes: readonly string[]): string[] {
  return [...groupedAlike(classes).values()]
    .filter((group) => group.length > 1)
    .map((group) => {
      const names = group.map((name) => `“${name}”`).join(' and ');
      return `${names} differ by letter case or blanks only and would be ${group.length} classes. Choose one class for them, or write them in one way.`;
    });
}

/** A spelling that no row has would leave the one that was meant a class of its own. */
export function unknownSpellings(rows: readonly LabelRow[], { classOf = {} }: CohortDraft): Problem[] {
  const grades = new Set(rows.map((row) => row.grade));
  const unknown = Object.keys(classOf).filter((written) => !grades.has(written));
  if (unknown.length === 0) return [];
  return [
    {
      code: 'cohort.grades',
      message: 'A class is given for a grade that no row of the labels has.',
      expected: `one of ${[...grades].filter((grade) => grade !== null).join(', ')}`,
      found: unknown.join(', '),
      where: 'classOf',
      remedy: 'Write the grade as the labels have it, or leave it out.',
    },
  ];
}
