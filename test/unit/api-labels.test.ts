import { dealFolds } from '@stroma/api/cohorts/folds';
import { parseLabels } from '@stroma/api/cohorts/labels-csv';
import { readDraft } from '@stroma/api/cohorts/read-draft';
import type { StromaError } from '@stroma/core/errors';
import type { DuplicatePair } from '@stroma/db/slide-duplicates';
import { describe, expect, test } from 'vitest';

const problemOf = (action: () => unknown) => {
  try {
    action();
  } catch (error) {
    return (error as StromaError).problem;
  }
  return undefined;
};

describe('labels as CSV', () => {
  const rows = [
    { line: 2, slideId: 'a', patientId: 'p1', grade: '0', site: null },
    { line: 3, slideId: 'b c', patientId: 'p2', grade: null, site: null },
  ];

  test.each([
    ['commas', 'slide_id,patient_id,grade\na,p1,0\nb c,p2,\n'],
    ['a BOM and CRLF', '\uFEFFslide_id,patient_id,grade\r\na,p1,0\r\nb c,p2,\r\n'],
    ['semicolons', 'slide_id;patient_id;grade\na;p1;0\nb c;p2;'],
    ['tabs', 'slide_id\tpatient_id\tgrade\na\tp1\t0\nb c\tp2\t'],
    ['quotes, blanks and another order', 'Grade, "Patient_ID",stain,slide_id\n0, p1 ,x,"a"\n,p2,x,"b c"\n'],
    ['short rows and empty lines', 'slide_id,patient_id,grade\na,p1,0\nb c,p2\n\n,,\n'],
  ])('%s', (_, csv) => {
    expect(parseLabels(csv)).toEqual(rows);
  });

  test('a site is read where the column is there', () => {
    const csv = 'slide_id,patient_id,grade,Site\na,p1,0, Uppsala\nb c,p2,,';
    expect(parseLabels(csv).map((row) => row.site)).toEqual(['Uppsala', null]);
  });

  test('a missing column is named, with what was found', () => {
    expect(problemOf(() => parseLabels('slide;patient_id;label\na;p;0'))).toMatchObject({
      code: 'labels.header',
      message: 'The labels lack the columns slide_id, grade.',
      found: 'slide, patient_id, label',
      where: 'line 1',
    });
    expect(problemOf(() => parseLabels(''))).toMatchObject({ found: 'nothing' });
  });

  test('an open quote is a Problem', () => {
    expect(problemOf(() => parseLabels('slide_id,patient_id,grade\n"a,p1,0\n'))?.code).toBe('labels.csv');
  });
});

describe('a draft', () => {
  const slides = [
    { id: '11111111-1111-4111-8111-111111111111', name: 'Case1.svs' },
    { id: '22222222-2222-4222-8222-222222222222', name: 'case1.svs' },
    { id: '33333333-3333-4333-8333-333333333333', name: 'twin.svs' },
    { id: '44444444-4444-4444-8444-444444444444', name: 'twin.tif' },
    { id: '55555555-5555-4555-8555-555555555555', name: 'Five.ndpi.tif' },
    { id: '66666666-6666-4666-8666-666666666666', name: 'six.svs' },
  ];
  const report = (lines: string[], foldCount = 2, nameTaken = false, pairs: DuplicatePair[] = []) =>
    readDraft(
      { name: 'n', labelsCsv: ['slide_id,patient_id,grade', ...lines].join('\n'), foldCount, seed: 7 },
      { slides, nameTaken, pairs },
    );

  test('warns of one slide in two files: as a leak where the folds differ', () => {
    const pair = { a: slides[4]?.id ?? '', b: slides[5]?.id ?? '', kind: 'pixels', distance: 0 };
    const elsewhere = { a: slides[0]?.id ?? '', b: slides[5]?.id ?? '', kind: 'picture', distance: 3 };
    const rows = (patient: string) => ['six,p1,9', `five.ndpi,${patient},10`, 'twin.svs,p3,10'];
    const leak = report(rows('p2'), 2, false, [pair, elsewhere]).report;
    expect(leak.twins).toMatchObject([
      {
        kind: 'pixels',
        acrossFolds: true,
        slides: [
          { name: 'six.svs', line: 2 },
          { name: 'Five.ndpi.tif', line: 3 },
        ],
      },
    ]);
    expect(leak.warnings[0]).toContain(
      '1 pair of slides may be one slide in two files and would lie in different folds',
    );
    expect(leak.acceptable).toBe(true);
    const same = report(rows('p1'), 2, false, [pair]).report;
    expect(same.twins).toMatchObject([{ acrossFolds: false }]);
    expect(same.warnings[0]).toContain('in the same fold');
    expect(report(rows('p2')).report.twins).toEqual([]);
  });

  test('warns of a patient who is written in two ways, as a leak where the folds differ', () => {
    const written = (other: string) => report(['six,P-01,9', `five.ndpi,${other},10`, 'twin.svs,p7,10'], 3).report;
    expect(written('p 1').spellings).toEqual([{ patientIds: ['P-01', 'p 1'], acrossFolds: true }]);
    expect(written('p 1').warnings[0]).toContain('1 patient may be written in two ways');
    expect(written('p-10').spellings).toEqual([]);
  });

  test('names grades that differ by letter case or blanks only, and takes a spelling for the class that is chosen', () => {
    const labelsCsv = `slide_id,patient_id,grade
Case1,p1,benign\ncase1,p2,Gleason 3\ntwin.svs,p3,gleason3\ntwin.tif,p4,Benign\nsix,p5,n/a\nfive.ndpi,p6,`;
    const read = (classOf?: Record<string, string | null>) =>
      readDraft(
        { name: 'n', labelsCsv, foldCount: 2, seed: 7, ...(classOf ? { classOf } : {}) },
        { slides, nameTaken: false, pairs: [] },
      );
    const before = read();
    expect(before.classes).toEqual(['benign', 'Benign', 'Gleason 3', 'gleason3', 'n/a']);
    expect(before.report.grades.map((one) => [one.written, one.slides, one.grade, ...one.alike])).toEqual([
      ['benign', 1, 'benign', 'Benign'],
      ['Benign', 1, 'Benign', 'benign'],
      ['Gleason 3', 1, 'Gleason 3', 'gleason3'],
      ['gleason3', 1, 'gleason3', 'Gleason 3'],
      ['n/a', 1, 'n/a'],
    ]);
    expect(before.report.warnings.filter((warning) => warning.includes('letter case'))).toHaveLength(2);
    expect(before.report.acceptable).toBe(true);

    const mapped = read({ Benign: 'benign', gleason3: 'Gleason 3', 'n/a': null });
    expect(mapped.classes).toEqual(['benign', 'Gleason 3']);
    expect(mapped.slides.map((slide) => slide.label)).toEqual([0, 1, 1, 0, null, null]);
    expect(mapped.report.grades.map((one) => one.grade)).toEqual(['benign', 'benign', 'Gleason 3', 'Gleason 3', null]);
    expect(mapped.report.warnings.filter((warning) => warning.includes('letter case'))).toEqual([]);
    expect(read({ Benign: 'benign', gleason3: 'Gleason 3', 'n/a': null }).report.classes).toEqual([
      { grade: 'benign', slides: 2, patients: 2 },
      { grade: 'Gleason 3', slides: 2, patients: 2 },
    ]);
    expect(read({ BENIGN: 'benign' }).obstacles).toMatchObject([{ code: 'cohort.grades', found: 'BENIGN' }]);
  });

  test('tells slides and grades by site, and warns of a site with one grade', () => {
    const found = readDraft(
      {
        name: 'n',
        labelsCsv:
          'slide_id,patient_id,grade,site\nCase1,p1,0,A\ncase1,p2,1,A\ntwin.svs,p3,1,B\ntwin.tif,p4,1,B\nsix,p5,,',
        foldCount: 2,
        seed: 7,
      },
      { slides, nameTaken: false, pairs: [] },
    ).report;
    expect(found.sites).toEqual([
      {
        site: 'A',
        slides: 2,
        patients: 2,
        grades: [
          { grade: '0', slides: 1 },
          { grade: '1', slides: 1 },
        ],
      },
      { site: 'B', slides: 2, patients: 2, grades: [{ grade: '1', slides: 2 }] },
      { site: null, slides: 1, patients: 1, grades: [] },
    ]);
    expect(found.warnings.filter((warning) => warning.includes('site'))).toEqual([
      'All 2 slides of site B have one grade (1): a model may learn the site instead of the grade.',
    ]);
    expect(report(['Case1,p1,0', 'case1,p2,1']).report.sites).toEqual([]);
  });

  test('sorts rows into matched, unmatched, ambiguous and duplicate ones', () => {
    const { report: found } = report([
      'Case1,p1,10',
      'case1,p2,9',
      'CASE1,p3,9',
      'twin,p3,9',
      'twin.tif,p3,9',
      '33333333-3333-4333-8333-333333333333,p3,',
      'five.NDPI,p4,10',
      'Five.ndpi.tif,p4,10',
      'absent,p5,9',
    ]);
    expect(found.matched.map((row) => [row.line, row.slide[0], row.grade])).toEqual([
      [2, '1', '10'],
      [3, '2', '9'],
      [6, '4', '9'],
      [7, '3', null],
      [8, '5', '10'],
    ]);
    expect(found.unmatched).toEqual([{ line: 10, slideId: 'absent' }]);
    expect(found.ambiguous.map((row) => [row.line, row.slides.length])).toEqual([
      [4, 2],
      [5, 2],
    ]);
    expect(found.duplicate).toEqual([{ line: 9, slideId: 'Five.ndpi.tif', firstLine: 8 }]);
    expect(found.unlabelled).toEqual([{ slide: slides[5]?.id, name: 'six.svs' }]);
    expect(found.classes).toEqual([
      { grade: '9', slides: 2, patients: 2 },
      { grade: '10', slides: 2, patients: 2 },
    ]);
    expect(found.acceptable).toBe(false);
  });

  test('with rows left out and slides without a grade is acceptable, and says so', () => {
    const { report: found, slides: members, classes } = report(['Case1,p1,1', 'case1,p2,0', 'six,p3,', 'gone,p4,1']);
    expect(found.acceptable).toBe(true);
    expect(found.warnings).toEqual([
      'Left out, because no slide has their name: 1 row.',
      'Trained on, never evaluated, because they have no grade: 1 slide.',
      'Grade 0 has fewer patients (1) than there are folds (2): some will not test it.',
      'Grade 1 has fewer patients (1) than there are folds (2): some will not test it.',
    ]);
    expect(classes).toEqual(['0', '1']);
    expect(members.map((member) => member.label)).toEqual([1, 0, null]);
  });

  test.each([
    ['one slide', ['Case1,p1,0'], 2, false, 'cohort.size'],
    ['fewer patients than folds', ['Case1,p1,0', 'case1,p2,1'], 3, false, 'cohort.folds'],
    ['one patient', ['Case1,p1,0', 'case1,p1,1'], 2, false, 'cohort.folds'],
    ['a slide without a patient', ['Case1,p1,0', 'case1,,1', 'six,p3,1'], 2, false, 'cohort.patient'],
    ['a name that is taken', ['Case1,p1,0', 'case1,p2,1'], 2, true, 'cohort.name'],
  ])('with %s is not acceptable', (_, lines, foldCount, taken, code) => {
    const { obstacles, report: found } = report(lines, foldCount, taken);
    expect(obstacles.map((each) => each.code)).toEqual([code]);
    expect(found.acceptable).toBe(false);
    expect(found.warnings).toContain(obstacles[0]?.message);
  });
});

describe('folds', () => {
  const patients = Array.from({ length: 60 }, (_, i) => ({ patientId: `p${i}`, label: i % 3 === 2 ? null : i % 3 }));

  test('spread every label, and the patients without one, evenly', () => {
    const folds = dealFolds(patients, 5, 7);
    for (const label of [0, 1, null]) {
      const counts = [0, 0, 0, 0, 0];
      for (const member of patients) {
        const fold = folds.get(member.patientId) ?? -1;
        if (member.label === label) counts[fold] = (counts[fold] ?? 0) + 1;
      }
      expect(counts).toEqual([4, 4, 4, 4, 4]);
    }
  });

  test('are the same for the same seed, whatever the order of the rows, and others for another seed', () => {
    const folds = Object.fromEntries(dealFolds(patients, 5, 7));
    expect(Object.fromEntries(dealFolds([...patients].reverse(), 5, 7))).toEqual(folds);
    expect(Object.fromEntries(dealFolds(patients, 5, 8))).not.toEqual(folds);
  });

  test('a patient has one fold, by the label most of its slides have, the higher one of equals', () => {
    const many = [
      ...patients,
      ...[0, 1, 1].map((label) => ({ patientId: 'mixed', label })),
      ...[0, 1].map((label) => ({ patientId: 'tied', label })),
    ];
    const folds = dealFolds(many, 5, 7);
    expect(folds.size).toBe(62);
    const ones = many.filter(({ patientId, label }) => label === 1 || patientId === 'mixed');
    const counts = [0, 0, 0, 0, 0];
    for (const id of new Set(ones.map((one) => one.patientId)))
      counts[folds.get(id) ?? 0] = (counts[folds.get(id) ?? 0] ?? 0) + 1;
    expect([...counts].sort()).toEqual([4, 4, 4, 5, 5]);
  });
});
