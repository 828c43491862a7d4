import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import type { Stage } from '@stroma/core/http/job';
import type { Lineage, LineageKind, LineageNode } from '@stroma/core/http/model';
import { selectionLabel } from '@stroma/core/selection-label';
import { scaleLabel } from '@stroma/core/units';
import type { Database } from '@stroma/db/client';
import { embeddedSlides, gradedSlide, type LineageRun, lineageJob, lineageRuns } from '@stroma/db/lineage';
import { gradeTrust } from '../slides/grade-trust.ts';

const kindOf: Partial<Record<Stage, LineageKind>> = {
  train_dino: 'encoder',
  train_gen_dino: 'encoder',
  train_eldm: 'eldm',
  synthesize: 'synthetic',
  train_abmil: 'abmil',
  embed: 'embeddings',
};

/** What a run's product was made of, back to the slides' files and the seed. */
export async function lineageOf(db: Database, runId: number): Promise<Lineage> {
  const job = await lineageJob(db, runId);
  if (!job)
    throw new StromaError({
      code: 'lineage.no_job',
      message: 'The run is part of no job, so nothing is known of what it was made of.',
      expected: 'a run of a training job',
      found: `run ${runId}`,
      remedy: 'Open the model from the list of models, whose runs all belong to a job.',
    });
  const [runs, slides] = await Promise.all([lineageRuns(db, runId), embeddedSlides(db, job.id)]);
  const made = runs.filter((run) => kindOf[run.stage]);
  const cropCount = slides.reduce((sum, slide) => sum + slide.crops, 0);
  const roots: LineageNode[] = [
    {
      ...node('crops', 'crops', `/cohorts/${job.cohortId}`),
      facts: [
        slides.length > 0 ? `${cropCount} crops` : 'crops of the cohort',
        `${job.sizePx} px at ${scaleLabel(job.mpp)}, every ${job.stridePx} px`,
        selectionLabel(job.cropSelection as CropSelection),
      ],
    },
    {
      ...node('slides', 'slides', `/cohorts/${job.cohortId}`),
      facts: [slides.length > 0 ? `${slides.length} slides` : 'the cohort’s slides', job.cohortName],
    },
    {
      ...node('seed', 'seed', `/jobs/${job.id}`),
      facts: [`seed ${job.seed}`, `preset ${job.preset}`, `job ${job.id}`],
    },
  ];
  const known = new Set(made.map((run) => run.id));
  const edges = made.flatMap((run) => edgesOf(run, known));
  edges.push(['crops', 'slides'], ['slides', 'seed']);
  return {
    nodes: [...made.map((run) => runNode(run, job.id)), ...roots],
    edges,
    seed: job.seed,
    preset: job.preset,
    slides,
  };
}

/** Of one grade: its slide beside the model's. */
export async function predictionLineage(db: Database, predictionId: number): Promise<Lineage> {
  const graded = await gradedSlide(db, predictionId);
  if (!graded) {
    throw new StromaError(
      { code: 'prediction.unknown', message: 'There is no such grade.', found: `prediction ${predictionId}` },
      404,
    );
  }
  const lineage = await lineageOf(db, graded.runId);
  const { probabilities, classes, slideId, folds, heldOut } = graded;
  const top = probabilities.indexOf(Math.max(...probabilities));
  const word = `${classes[top]} ${(probabilities[top] ?? 0).toFixed(2)}`;
  const abstains = gradeTrust(graded, graded.calibration)?.abstains;
  const grade: LineageNode = {
    ...node('grade', 'grade', `/slides/${slideId}?job=${graded.jobId}&heat=${graded.encoder}`),
    encoder: graded.encoder as LineageNode['encoder'],
    facts: [
      ...(abstains ? ['abstains', `nearest ${word}`] : [word]),
      `${folds.length === 1 ? 'fold' : 'folds'} ${folds.join(', ')}`,
      heldOut ? 'not trained on this slide' : 'this slide was in training',
    ],
  };
  const slide: LineageNode = {
    ...node('slide', 'slide', `/slides/${slideId}`),
    sha256: graded.sha256,
    facts: [graded.name, `${graded.cropCount} crops, set ${graded.cropSetId}`],
  };
  const models = lineage.nodes.filter(({ kind }) => kind === 'abmil');
  const edges = models.map((model): [string, string] => ['grade', model.id]);
  return {
    ...lineage,
    nodes: [grade, slide, ...lineage.nodes],
    edges: [['grade', 'slide'], ...edges, ...lineage.edges],
  };
}

function runNode(run: LineageRun, jobId: number): LineageNode {
  const kind = kindOf[run.stage] as LineageKind;
  const own = run.stage === 'train_dino' ? 'dino' : run.stage === 'train_gen_dino' ? 'gen_dino' : run.encoder;
  const isModel = run.sha256s.length > 0;
  return {
    ...node(
      `run ${run.id}`,
      kind,
      isModel ? `/models/${run.id}` : `/jobs/${jobId}?stage=${run.stage}-${run.encoder ?? 'none'}`,
    ),
    encoder: own,
    sha256: run.sha256s[0] ?? null,
    facts: [
      `run ${run.id}`,
      ...(run.sha256s.length > 1 ? [`${run.sha256s.length} networks`] : []),
      `code ${run.codeRevision ?? 'unknown'}`,
    ],
  };
}

/** To what it was made of; what was trained on no other run's product rests on the crops. */
function edgesOf(run: LineageRun, known: ReadonlySet<number>): [string, string][] {
  const inputs = run.inputs.filter((id) => known.has(id));
  const from = `run ${run.id}`;
  return inputs.length > 0 ? inputs.map((id) => [from, `run ${id}`]) : [[from, 'crops']];
}

const node = (id: string, kind: LineageKind, href: string) => ({ id, kind, href, encoder: null, sha256: null });
