/**
 * What a slide is called where its uploaded name may not go: in exports, shards, logs and downloads. Of the slide's id,
 * so the same slide has the same code everywhere; 48 bits, so a million slides do not share one.
 */
export function codedSlideName(slideId: string): string {
  return `slide-${slideId.replaceAll('-', '').slice(0, 12)}`;
}

/** What the patients of a cohort are called where their IDs may not go: numbered in the order of their IDs. */
export function codedPatients(patientIds: Iterable<string>): Map<string, string> {
  const sorted = [...new Set(patientIds)].sort();
  const digits = Math.max(3, String(sorted.length).length);
  return new Map(sorted.map((id, i) => [id, `patient-${String(i + 1).padStart(digits, '0')}`]));
}
