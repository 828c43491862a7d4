import { type Static, Type } from 'typebox';

/** `config.json` of a run directory: written by the launcher, read by the trainer. */
export const trainerStages = [
  'train_dino',
  'train_eldm',
  'synthesize',
  'train_gen_dino',
  'train_abmil',
  'evaluate',
] as const;
export type TrainerStage = (typeof trainerStages)[number];

export const presets = ['smoke', 'tiny', 'tiny12', 'single_gpu', 'panda', 'bright'] as const;
export const Preset = Type.Enum(presets);
export type Preset = Static<typeof Preset>;

export const RunConfig = Type.Object({
  version: Type.Literal(1),
  run_id: Type.String(),
  stage: Type.Enum(trainerStages),
  preset: Preset,
  seed: Type.Integer(),
  code_revision: Type.String(),
  overrides: Type.Record(Type.String(), Type.Unknown()),
  inputs: Type.Record(Type.String(), Type.String()),
});
export type RunConfig = Static<typeof RunConfig>;

const head = { version: Type.Literal(1), time: Type.String() };

export const ProgressEvent = Type.Object({
  ...head,
  kind: Type.Literal('progress'),
  phase: Type.String(),
  done: Type.Number(),
  total: Type.Number(),
  unit: Type.String(),
  rate_per_s: Type.Union([Type.Number(), Type.Null()]),
});

export const MetricEvent = Type.Object({
  ...head,
  kind: Type.Literal('metric'),
  phase: Type.String(),
  step: Type.Integer(),
  values: Type.Record(Type.String(), Type.Union([Type.Number(), Type.Null()])),
});

/**
 * What a picture shows: views of crops as DINO sees them, the encoder's attention, crops as the E-LDM draws them;
 * in an evaluation also walks along alpha and the synthetic crops closest to a real one.
 */
export const pictureNames = ['views', 'attention', 'samples', 'walks', 'closest'] as const;

/** A PNG in the run directory's `pictures/`. The same name at a later step is a later state of the same crops. */
export const PictureEvent = Type.Object({
  ...head,
  kind: Type.Literal('picture'),
  phase: Type.String(),
  step: Type.Integer(),
  epoch: Type.Number(),
  name: Type.Enum(pictureNames),
  path: Type.String({ pattern: '^pictures/[a-z0-9_-]{1,80}\\.png$' }),
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  bytes: Type.Integer({ minimum: 1, maximum: 16_000_000 }),
  width: Type.Integer({ minimum: 1 }),
  height: Type.Integer({ minimum: 1 }),
  caption: Type.String(),
  /** It shows at least one synthetic crop. */
  synthetic: Type.Boolean(),
});
export type PictureEvent = Static<typeof PictureEvent>;

export const LogEvent = Type.Object({ ...head, kind: Type.Literal('log'), message: Type.String() });

export const ErrorEvent = Type.Object({
  ...head,
  kind: Type.Literal('error'),
  code: Type.String(),
  message: Type.String(),
  expected: Type.Optional(Type.String()),
  found: Type.Optional(Type.String()),
  where: Type.Optional(Type.String()),
  remedy: Type.Optional(Type.String()),
});

/** One line of `events.jsonl`. */
export const TrainerEvent = Type.Union([ProgressEvent, MetricEvent, PictureEvent, LogEvent, ErrorEvent]);
export type TrainerEvent = Static<typeof TrainerEvent>;

export const ResultFile = Type.Object({ path: Type.String(), sha256: Type.String(), bytes: Type.Integer() });

/** `result.json`: written last; its presence means the stage is done. */
export const RunResult = Type.Object({
  version: Type.Literal(1),
  stage: Type.String(),
  run_id: Type.String(),
  seconds: Type.Number(),
  code_revision: Type.String(),
  losses: Type.Record(Type.String(), Type.Tuple([Type.Number(), Type.Number()])),
  metrics: Type.Record(Type.String(), Type.Unknown()),
  parity: Type.Record(Type.String(), Type.Number()),
  checkpoints: Type.Array(
    Type.Object({
      kind: Type.Union([Type.Literal('encoder'), Type.Literal('eldm'), Type.Literal('abmil')]),
      fold: Type.Union([Type.Integer(), Type.Null()]),
      /** Of a fold's ABMIL models, which differ in their seed alone; 0 where there is one. */
      seed_ix: Type.Optional(Type.Integer({ minimum: 0 })),
      files: Type.Array(ResultFile),
      card: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});
export type RunResult = Static<typeof RunResult>;
