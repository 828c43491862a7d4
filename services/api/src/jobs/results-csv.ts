import type { GradeEvaluation } from '@stroma/core/contract/grade-evaluation';
import { csvCell } from '@stroma/core/csv-cell';
import { gradeOf } from '@stroma/core/statistics/grade-scores';
import { withoutEnding } from '../cohorts/slide-index.ts';
import type { LabelledSlide } from './compare-encoders.ts';

/**
 * One encoder's grades, a line a slide, beginning with the columns of CLAM's results: Y and Y_hat count the classes from
 * 0, p_k is what the models say, from which the comparison's measures come. Then calibrated_k, and the classes by name.
 */
export function resultsCsv(cohort: readonly LabelledSlide[], { classes, out_of_fold }: GradeEvaluation): string {
  const graded = new Map(out_of_fold.map((row) => [row.slide_id, row]));
  const nameOf = namesInLabels(cohort);
  const each = (prefix: string) => classes.map((_, k) => `${prefix}_${k}`);
  const lines = cohort.flatMap(({ slideId, name, patientId }) => {
    const row = graded.get(slideId);
    if (!row) return [];
    const grade = gradeOf(row.probabilities);
    return [
      [
        ...[nameOf(name, slideId), patientId].map(csvCell),
        ...[row.fold, row.label, grade, ...row.probabilities, ...row.calibrated, Number(row.abstains)],
        ...[classes[row.label], classes[grade]].map((text) => csvCell(text ?? '')),
      ].join(),
    ];
  });
  const titles = ['slide_id', 'patient', 'fold', 'Y', 'Y_hat', ...each('p'), ...each('calibrated'), 'abstains'];
  return [[...titles, 'label', 'grade'].join(), ...lines, ''].join('\n');
}

/** As the labels of a cohort name a slide: the file's name without its ending, the uuid where two share that. */
function namesInLabels(cohort: readonly LabelledSlide[]): (name: string, slideId: string) => string {
  const uses = new Map<string, number>();
  for (const { name } of cohort) uses.set(withoutEnding(name), (uses.get(withoutEnding(name)) ?? 0) + 1);
  return (name, slideId) => (uses.get(withoutEnding(name)) === 1 ? withoutEnding(name) : slideId);
}
