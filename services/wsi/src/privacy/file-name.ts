import type { Findings } from './identifier.ts';

const where = 'the uploaded name';

/** What a file's name may give away. TCGA's codes are public, and a DICOM UID is found in the file itself. */
export function findInName(name: string, findings: Findings): void {
  const base = name.replace(/\.[A-Za-z]{2,5}$/, '');
  if (/^TCGA-/.test(base) || isUid(base)) return;
  // A letter or two, a year and a running number: S12-34567, SP-21-1234, 2021-S-00123.
  if (/(^|[^A-Za-z])([A-Za-z]{1,3}[-_ ]?\d{2}([-_ ./])\d{3,}|\d{4}[-_ ][A-Za-z]{1,3}[-_ ]\d{3,})(?!\d)/.test(base)) {
    findings.add('name.accession', where);
  }
  if (/(^|\D)(19|20)\d{2}[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)/.test(base)) {
    findings.add('name.date', where);
  } else if (/(^|\D)\d{6,12}(?!\d)/.test(base)) {
    findings.add('name.number', where);
  }
  if (/^\p{Lu}\p{Ll}+(\s*,\s*|\^)\p{Lu}\p{Ll}+/u.test(base)) findings.add('name.person', where);
}

const isUid = (name: string) => /^\d+(\.\d+){4,}$/.test(name);
