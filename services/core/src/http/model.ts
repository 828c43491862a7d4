import { type Static, Type } from 'typebox';
import { CropSelection } from '../contract/crop-selection.ts';
import { Preset, ResultFile } from '../contract/run-directory.ts';
import { modelKinds } from '../model-kinds.ts';
import { EncoderName, Nullable, Time } from './common.ts';

/** A number of an evaluation with its 95 % interval over resampled patients, where it has one. */
export const Measured = Type.Object({
  name: Type.String(),
  value: Type.Number(),
  low: Nullable(Type.Number()),
  high: Nullable(Type.Number()),
});
export type Measured = Static<typeof Measured>;

/** GET /api/models: an item of the list, the newest first. */
export const ModelMessage = Type.Object({
  /** Of the training. It names the model. */
  runId: Type.Integer(),
  kind: Type.Enum(modelKinds),
  encoder: Nullable(EncoderName),
  jobId: Type.Integer(),
  cohortId: Type.Integer(),
  cohortName: Type.String(),
  preset: Preset,
  seed: Type.Integer(),
  codeRevision: Nullable(Type.String()),
  mpp: Type.Number(),
  sizePx: Type.Integer(),
  stridePx: Type.Integer(),
  cropSelection: CropSelection,
  /** What the job's encoders embedded, which is what they were trained on; null until the first has. */
  slides: Nullable(Type.Integer()),
  crops: Nullable(Type.Integer()),
  /** Networks of the same training: an ABMIL has one a fold and seed. */
  networks: Type.Integer(),
  measures: Type.Array(Measured),
  /** On how many slides and folds the measures were taken. */
  measuredOn: Type.Object({ slides: Nullable(Type.Integer()), folds: Nullable(Type.Integer()) }),
  /** Largest absolute difference of each exported network from the trained one. */
  parity: Type.Record(Type.String(), Type.Number()),
  createdAt: Time,
  /** Grades new slides on arrival. */
  active: Nullable(Type.Object({ since: Time, by: Nullable(Type.String()) })),
});
export type ModelMessage = Static<typeof ModelMessage>;
export const ModelList = Type.Object({ models: Type.Array(ModelMessage) });
export type ModelList = Static<typeof ModelList>;

/** GET /api/models/:runId */
export const ModelDetail = Type.Object({
  ...ModelMessage.properties,
  seconds: Nullable(Type.Number()),
  /** Means over the first and the last tenth of the steps. */
  losses: Type.Record(Type.String(), Type.Tuple([Type.Number(), Type.Number()])),
  cards: Type.Array(
    Type.Object({
      fold: Nullable(Type.Integer()),
      sha256: Type.String(),
      card: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
  /** GET /api/models/:runId/file?path= sends one. */
  files: Type.Array(ResultFile),
  /** Slides graded on arrival by it so far; those that wait or are under way; those that failed. */
  gradings: Type.Object({ graded: Type.Integer(), open: Type.Integer(), failed: Type.Integer() }),
});
export type ModelDetail = Static<typeof ModelDetail>;

export const ModelFileQuery = Type.Object({ path: Type.String({ minLength: 1, maxLength: 300 }) });

export const lineageKinds = [
  'grade',
  'slide',
  'abmil',
  'embeddings',
  'encoder',
  'eldm',
  'synthetic',
  'crops',
  'slides',
  'seed',
] as const;
export type LineageKind = (typeof lineageKinds)[number];

export const LineageNode = Type.Object({
  id: Type.String(),
  kind: Type.Enum(lineageKinds),
  encoder: Nullable(EncoderName),
  /** What it is, in a few words each. */
  facts: Type.Array(Type.String()),
  /** Of what it stands for: of a slide's file, of a network; of an ABMIL's networks the first. */
  sha256: Nullable(Type.String()),
  /** A page of the portal. */
  href: Type.String(),
});
export type LineageNode = Static<typeof LineageNode>;

/** GET /api/models/:runId/lineage and /api/predictions/:id/lineage: from the result back to the slides and the seed. */
export const Lineage = Type.Object({
  nodes: Type.Array(LineageNode),
  /** From what was made to what it was made of, by id. */
  edges: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  seed: Type.Integer(),
  preset: Preset,
  /** Every slide that was trained on. */
  slides: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Type.String(),
      sha256: Type.String(),
      cropSetId: Type.Integer(),
      crops: Type.Integer(),
    }),
  ),
});
export type Lineage = Static<typeof Lineage>;
