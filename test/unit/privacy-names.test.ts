import { findInName } from '@stroma/wsi/privacy/file-name';
import { Findings, maskedHint } from '@stroma/wsi/privacy/identifier';
import { describe, expect, it } from 'vitest';

function kindsOf(name: string): string[] {
  const findings = new Findings();
  findInName(name, findings);
  return findings.list().map(({ kind }) => kind);
}

describe('a file’s name', () => {
  it.each([
    ['S12-34567.svs', ['name.accession']],
    ['SP-21-1234 A1.ndpi', ['name.accession']],
    ['2021-S-00123.svs', ['name.accession']],
    ['scan 2021-03-04.svs', ['name.date']],
    ['patient_00471123.tif', ['name.number']],
    ['Mustermann, Erika.svs', ['name.person']],
  ])('%s may name a case', (name, kinds) => {
    expect(kindsOf(name)).toEqual(kinds);
  });

  it.each(['slide-01.svs', 'TCGA-02-0010-01Z-00-DX4.svs', '1.2.826.0.1.3680043.8.498.4876040776001.dcm', 'HE_40x.tif'])(
    '%s names nobody',
    (name) => expect(kindsOf(name)).toEqual([]),
  );
});

describe('a masked hint', () => {
  it('tells the look of a text and none of it', () => {
    expect(maskedHint(' Erika M. 7 ')).toBe('10 characters, digits, letters, signs');
    expect(maskedHint('  ')).toBeNull();
  });
});
