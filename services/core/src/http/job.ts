import { type Static, Type } from 'typebox';
import { CropMpp, CropSize, CropStride } from '../contract/crop-recipe.ts';
import { CropSelection } from '../contract/crop-selection.ts';
import { PictureEvent, Preset } from '../contract/run-directory.ts';
import { rerunStages } from '../rerun-stages.ts';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';

export const stages = [
  'read_slide',
  'tile',
  'train_dino',
  'train_eldm',
  'synthesize',
  'train_gen_dino',
  'train_abmil',
  'evaluate',
  'embed',
  'predict',
  'grade_slide',
  'export',
] as const;
export type Stage = (typeof stages)[number];

export const runStatuses = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof runStatuses)[number];

/** By stage: keys of the preset's section to replace. */
const Overrides = Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown()));

/** POST /api/jobs: crops of the cohort are cut at this mpp first where they are missing. */
export const JobRequest = Type.Object({
  cohortId: Type.Integer(),
  mpp: CropMpp,
  /** Crops of 256 px side by side by default; another size is for presets whose input_px is at most that. */
  sizePx: Type.Optional(CropSize),
  stridePx: Type.Optional(CropStride),
  /** The cohort's selection by default. */
  cropSelection: Type.Optional(CropSelection),
  preset: Preset,
  seed: Type.Integer({ minimum: 0, maximum: 2_147_483_647, default: 7 }),
  overrides: Type.Optional(Overrides),
});
export type JobRequest = Static<typeof JobRequest>;

/** POST /api/jobs/:id/reruns: a new job that takes over what came before the stage, and does the rest anew. */
export const RerunRequest = Type.Object({
  from: Type.Enum(rerunStages),
  /** By stage: what differs from the job's own settings, of stages that run again. */
  overrides: Type.Optional(Overrides),
});
export type RerunRequest = Static<typeof RerunRequest>;

export const RunProgress = Type.Object({
  phase: Type.String(),
  done: Type.Number(),
  total: Type.Number(),
  unit: Type.String(),
  ratePerS: Nullable(Type.Number()),
});
export type RunProgress = Static<typeof RunProgress>;

export const RunMessage = Type.Object({
  id: Type.Integer(),
  jobId: Nullable(Type.Integer()),
  stage: Type.Enum(stages),
  encoder: Nullable(EncoderName),
  slideId: Nullable(Type.String()),
  status: Type.Enum(runStatuses),
  progress: Nullable(RunProgress),
  error: Nullable(ProblemMessage),
  result: Nullable(Type.Record(Type.String(), Type.Unknown())),
  inputs: Type.Array(Type.Integer()),
  attempt: Type.Integer(),
  createdAt: Time,
  startedAt: Nullable(Time),
  endedAt: Nullable(Time),
});
export type RunMessage = Static<typeof RunMessage>;

export const JobMessage = Type.Object({
  id: Type.Integer(),
  cohortId: Type.Integer(),
  cohortName: Type.String(),
  preset: Preset,
  mpp: Type.Number(),
  sizePx: Type.Integer(),
  stridePx: Type.Integer(),
  cropSelection: CropSelection,
  seed: Type.Integer(),
  /** The job that it takes finished stages over from. */
  baseJobId: Nullable(Type.Integer()),
  overrides: Overrides,
  status: Type.Enum(runStatuses),
  createdAt: Time,
  endedAt: Nullable(Time),
});
export type JobMessage = Static<typeof JobMessage>;
export const JobList = Type.Object({ jobs: Type.Array(JobMessage) });
export type JobList = Static<typeof JobList>;

/** GET /api/jobs/:id: tiling runs are counted, the others listed. */
export const JobDetail = Type.Object({
  ...JobMessage.properties,
  runs: Type.Array(RunMessage),
  tiling: Type.Object({
    total: Type.Integer(),
    done: Type.Integer(),
    failed: Type.Integer(),
    crops: Type.Integer(),
    shards: Type.Integer(),
  }),
});
export type JobDetail = Static<typeof JobDetail>;

/** GET /api/runs/:id/metrics: points of one run, thinned to at most 1,000 a series. */
export const MetricSeries = Type.Object({
  runId: Type.Integer(),
  series: Type.Array(
    Type.Object({
      phase: Type.String(),
      name: Type.String(),
      steps: Type.Array(Type.Integer()),
      values: Type.Array(Nullable(Type.Number())),
    }),
  ),
  log: Type.Array(Type.Object({ at: Time, message: Type.String() })),
});
export type MetricSeries = Static<typeof MetricSeries>;

/** GET /api/runs/:id/pictures: in the order of their making; the PNG is at /api/runs/:id/pictures/:sha256. */
const { phase, step, epoch, name, sha256, bytes, width, height, caption, synthetic } = PictureEvent.properties;
export const RunPicture = Type.Object({
  phase,
  step,
  epoch,
  name,
  sha256,
  bytes,
  width,
  height,
  caption,
  synthetic,
});
export type RunPicture = Static<typeof RunPicture>;
export const RunPictures = Type.Object({ runId: Type.Integer(), pictures: Type.Array(RunPicture) });
export type RunPictures = Static<typeof RunPictures>;

/**
 * POST /api/jobs/:id/stop, /resume answer JobDetail. Resume with ?ignoreAlarms=true goes on in spite of the alarms that
 * stopped runs.
 */
export const ResumeQuery = Type.Object({ ignoreAlarms: Type.Optional(Type.Boolean()) });
