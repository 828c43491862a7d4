import { setImmediate as others } from 'node:timers/promises';
import { type GradedSlide, type GradeEvaluation, gradeEvaluation } from '@stroma/core/contract/grade-evaluation';
import type {
  ComparedSlide,
  EncoderGrades,
  EncoderState,
  PairedGrades,
  SlideGrade,
} from '@stroma/core/http/comparison';
import { gradeOf } from '@stroma/core/statistics/grade-scores';
import { mcnemarExact } from '@stroma/core/statistics/mcnemar';
import { pairedBootstrap } from '@stroma/core/statistics/paired-bootstrap';
import type { GradeRun } from '@stroma/db/grade-runs';

/** A two-sided p down to 0.001. */
const resamples = 2000;
/** Other requests are answered in between. */
const turnMs = 15;

/** A labelled slide as its cohort has it. */
export interface LabelledSlide {
  slideId: string;
  name: string;
  patientId: string;
}

/** One encoder's stage, and its grades once it is done. */
export function encoderState(run: GradeRun | undefined): EncoderState & { evaluation: GradeEvaluation | undefined } {
  if (!run) return { state: 'absent', grades: null, evaluation: undefined };
  if (run.status !== 'succeeded') {
    return { state: run.status as EncoderState['state'], grades: null, evaluation: undefined };
  }
  const evaluation = gradeEvaluation(run.result);
  if (!evaluation) return { state: 'outdated', grades: null, evaluation };
  return { state: 'ready', grades: encoderGrades(run.id, evaluation), evaluation };
}

function encoderGrades(runId: number, found: GradeEvaluation): EncoderGrades {
  const { accuracy, balanced_accuracy, macro_f1, macro_auc, kappa } = found;
  return {
    runId,
    slides: found.n_slides,
    patients: found.n_patients,
    folds: found.n_folds,
    seeds: found.n_seeds,
    metrics: { accuracy, balanced_accuracy, macro_f1, macro_auc, kappa },
    intervals: found.ci,
    aucByClass: found.auc_by_class,
    confusion: found.confusion,
    models: found.models,
    calibration: found.calibration,
  };
}

/** The slides that at least one of them graded, in the cohort's order. */
export function comparedSlides(
  cohort: readonly LabelledSlide[],
  dino: GradeEvaluation | undefined,
  genDino: GradeEvaluation | undefined,
): ComparedSlide[] {
  const [first, second] = [dino, genDino].map(
    (found) => new Map(found?.out_of_fold.map((row) => [row.slide_id, row] as const)),
  ) as [Map<string, GradedSlide>, Map<string, GradedSlide>];
  return cohort.flatMap(({ slideId, name, patientId }): ComparedSlide[] => {
    const [a, b] = [first.get(slideId), second.get(slideId)];
    const known = a ?? b;
    if (!known) return [];
    const same = !a || !b || (a.label === b.label && a.fold === b.fold);
    return [
      {
        ...{ slideId, name, patientId, label: known.label, fold: known.fold },
        dino: slideGrade(a),
        // Graded with another label or fold it is no pair.
        genDino: same ? slideGrade(b) : null,
      },
    ];
  });
}

function slideGrade(row: GradedSlide | undefined): SlideGrade | null {
  if (!row) return null;
  const { probabilities, abstains } = row;
  return { probabilities, grade: gradeOf(probabilities), confidence: Math.max(...row.calibrated), abstains };
}

type Pair = ComparedSlide & { dino: SlideGrade; genDino: SlideGrade };

/** Null without a slide that both graded. */
export async function pairedGrades(
  slides: readonly ComparedSlide[],
  classes: number,
  seed: number,
): Promise<PairedGrades | null> {
  const pairs = slides.filter((slide): slide is Pair => slide.dino !== null && slide.genDino !== null);
  if (pairs.length === 0) return null;
  const steps = pairedBootstrap(
    pairs.map(({ patientId, label, dino, genDino }) => ({
      ...{ patientId, label },
      first: dino.probabilities,
      second: genDino.probabilities,
    })),
    { classes, resamples, seed },
  );
  const counted = (dinoRight: boolean, genDinoRight: boolean) =>
    pairs.filter(
      ({ label, dino, genDino }) => (dino.grade === label) === dinoRight && (genDino.grade === label) === genDinoRight,
    ).length;
  const [dinoAlone, genDinoAlone] = [counted(true, false), counted(false, true)];
  return {
    slides: pairs.length,
    patients: new Set(pairs.map((pair) => pair.patientId)).size,
    leftOut: slides.length - pairs.length,
    resamples,
    seed,
    differences: await inTurns(steps),
    mcnemar: {
      bothRight: counted(true, true),
      dinoAlone,
      genDinoAlone,
      bothWrong: counted(false, false),
      p: mcnemarExact(dinoAlone, genDinoAlone),
    },
  };
}

async function inTurns<T>(steps: Generator<void, T>): Promise<T> {
  for (let until = Date.now() + turnMs; ; ) {
    const step = steps.next();
    if (step.done) return step.value;
    if (Date.now() < until) continue;
    await others();
    until = Date.now() + turnMs;
  }
}
