/** What a downloaded export is called: safe in every file system. */
export function exportFileName(of: { cohortName: string; encoder: string; layout: string }): string {
  const cohort =
    of.cohortName
      .normalize('NFKD')
      .replace(/[^\w.-]+/g, '-')
      .replace(/^[-.]+|[-.]+$/g, '') || 'cohort';
  return `stroma-${cohort.slice(0, 80)}-${of.encoder}-${of.layout}.zip`;
}
