import { resultsCsv } from '@stroma/api/jobs/results-csv';
import type { GradeEvaluation } from '@stroma/core/contract/grade-evaluation';
import { csvCell } from '@stroma/core/csv-cell';
import { expect, it } from 'vitest';

const graded = (slide_id: string, label: number, probabilities: number[], calibrated: number[]) => {
  return { slide_id, fold: 1, label, probabilities, calibrated, abstains: label === 0 };
};
const slide = (slideId: string, name: string, patientId = `of ${slideId}`) => ({ slideId, name, patientId });
const lines = (slides: ReturnType<typeof slide>[], classes = ['benign', 'G3']) => {
  const out_of_fold = [graded('a', 1, [0.25, 0.75], [0.4, 0.6]), graded('b', 0, [0.125, 0.875], [0.3, 0.7])];
  return resultsCsv(slides, { classes, out_of_fold } as GradeEvaluation).split('\n');
};

it('begins as CLAM’s results do, a line a graded slide in the cohort’s order', () => {
  expect(lines([slide('b', 'two.svs'), slide('c', 'not graded.svs'), slide('a', 'one.ome.tiff')])).toEqual([
    'slide_id,patient,fold,Y,Y_hat,p_0,p_1,calibrated_0,calibrated_1,abstains,label,grade',
    'two,of b,1,0,1,0.125,0.875,0.3,0.7,1,benign,G3',
    'one.ome,of a,1,1,1,0.25,0.75,0.4,0.6,0,G3,G3',
    '',
  ]);
});

it('names slides that share a name by their uuid', () => {
  expect(lines([slide('a', 'x.svs'), slide('b', 'x.tif')]).map((line) => line.split(',')[0])).toEqual([
    ...['slide_id', 'a', 'b', ''],
  ]);
});

it('gives a spreadsheet no formula and no broken line', () => {
  const [, first] = lines([slide('a', '=HYPERLINK("x").svs', '@p')], ['a', '+1, "b"']);
  expect(first).toBe(`"'=HYPERLINK(""x"")",'@p,1,1,1,0.25,0.75,0.4,0.6,0,"'+1, ""b""","'+1, ""b"""`);
  expect(['-1', '\t=1', 'a\nb', 'a=b'].map(csvCell)).toEqual(["'-1", "'\t=1", '"a\nb"', 'a=b']);
});
