import type { LabelReport } from '@stroma/core/http/cohort';

type Site = LabelReport['sites'][number];
type Row = Pick<LabelReport['matched'][number], 'patientId' | 'grade' | 'site'>;

/** Slides and grades by site, the largest first; nothing when no row names a site. */
export function siteBalance(rows: readonly Row[]): Site[] {
  if (rows.every((row) => row.site === null)) return [];
  const bySite = new Map<string | null, Row[]>();
  for (const row of rows) {
    const known = bySite.get(row.site);
    if (known) known.push(row);
    else bySite.set(row.site, [row]);
  }
  const sites = [...bySite].map(([site, members]) => {
    const grades = new Map<string, number>();
    for (const { grade } of members) if (grade !== null) grades.set(grade, (grades.get(grade) ?? 0) + 1);
    return {
      site,
      slides: members.length,
      patients: new Set(members.map((row) => row.patientId)).size,
      grades: [...grades]
        .map(([grade, slides]) => ({ grade, slides }))
        .sort((a, b) => a.grade.localeCompare(b.grade, 'en', { numeric: true })),
    };
  });
  return sites.sort((a, b) => b.slides - a.slides);
}

/** A site of one grade only gives that grade away: stain and scanner are easier to learn than tissue. */
export function siteWarnings(sites: readonly Site[]): string[] {
  const named = sites.filter(({ site, grades }) => site !== null && grades.length > 0);
  if (named.length < 2) return [];
  return named
    .filter(({ grades }) => grades.length === 1)
    .map(
      ({ site, grades, slides }) =>
        `All ${slides} slides of site ${site} have one grade (${grades[0]?.grade}): a model may learn the site instead of the grade.`,
    );
}
