import { type Static, Type } from 'typebox';
import { CropMpp, CropSize, CropStride } from '../contract/crop-recipe.ts';
import { slideSorts } from '../slide-sorts.ts';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';
import { ModelSpread, SlideGrading } from './grading.ts';
import { ScaleChoice, SlideScale, SpacingMessage, scaleStates } from './scale.ts';

export const SlideCropSet = Type.Object({
  id: Type.Integer(),
  /** As asked for; the crops really have effectiveMpp, within 2 %. Null until cut. */
  mpp: Type.Number(),
  effectiveMpp: Nullable(SpacingMessage),
  sizePx: Type.Integer(),
  stridePx: Type.Integer(),
  /** Cut at a scale that the slide no longer has: the mpp above is not true any more. */
  stale: Type.Boolean(),
  status: Type.Union([Type.Literal('queued'), Type.Literal('ready'), Type.Literal('failed')]),
  cropCount: Nullable(Type.Integer()),
  error: Nullable(ProblemMessage),
});

/** Kinds of identifying fields and images that the slide's file holds; null when it was not looked through. */
export const IdentifyingCount = Nullable(Type.Object({ fields: Type.Integer(), images: Type.Integer() }));

/** One kind of them. The value itself is neither stored nor told; `hint` says what it looks like. */
export const IdentifyingField = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  isImage: Type.Boolean(),
  place: Type.String(),
  occurrences: Type.Integer(),
  hint: Nullable(Type.String()),
  /** What the de-identified copy does with it. */
  onDownload: Type.String(),
  source: Type.String(),
});
export type IdentifyingField = Static<typeof IdentifyingField>;

/** What the newest cohort that holds the slide says of it. */
export const SlideMembership = Type.Object({
  cohortId: Type.Integer(),
  cohortName: Type.String(),
  label: Nullable(Type.String()),
  site: Nullable(Type.String()),
});

/** The slide's last grade: of a job that trained on its cohort, or of an active model on its arrival. */
export const NewestGrade = Type.Object({
  predictionId: Type.Integer(),
  by: Type.Enum(['job', 'arrival'] as const),
  jobId: Type.Integer(),
  cohortName: Type.String(),
  encoder: EncoderName,
  grade: Type.String(),
  /** Of that grade; calibrated where the models were trained with a calibration. */
  probability: Type.Number(),
  /** None of the asked models was trained on this slide. */
  heldOut: Type.Boolean(),
  /** Null: the models were trained before it was computed. */
  abstains: Nullable(Type.Boolean()),
  /** Made of crops that were cut at a scale which the slide no longer has. */
  stale: Type.Boolean(),
  createdAt: Time,
});
export type NewestGrade = Static<typeof NewestGrade>;

/** GET /api/slides: an item of the list. */
export const SlideMessage = Type.Object({
  id: Type.String(),
  name: Type.String(),
  sha256: Type.String(),
  bytes: Type.Number(),
  reader: Type.String(),
  format: Type.String(),
  vendor: Nullable(Type.String()),
  objective: Nullable(Type.Number()),
  width0: Type.Integer(),
  height0: Type.Integer(),
  /** µm/px at level 0 that counts; null while it is missing or in conflict. */
  mpp: Nullable(SpacingMessage),
  mppSource: Nullable(Type.Union([Type.Literal('user'), Type.Literal('declared'), Type.Literal('derived')])),
  scale: SlideScale,
  quirks: Type.Array(Type.String()),
  cropSets: Type.Array(SlideCropSet),
  /** How many other slides may be this one in another file. */
  duplicates: Type.Integer(),
  identifying: IdentifyingCount,
  /** By active models, on its arrival; the newest first. */
  gradings: Type.Array(SlideGrading),
  membership: Nullable(SlideMembership),
  grade: Nullable(NewestGrade),
  /** MIRAX slides and DICOM series are several files. */
  fileCount: Type.Integer(),
  createdAt: Time,
});
export type SlideMessage = Static<typeof SlideMessage>;

/** cursor: pass the answer's `next`, with the same sort, to get the following page. */
export const SlideQuery = Type.Object({
  search: Type.Optional(Type.String({ maxLength: 200 })),
  /** Whether the file holds identifying fields or images; unknown: it was not looked through. */
  identifying: Type.Optional(Type.Enum(['found', 'none', 'unknown'] as const)),
  /** Only slides of this state of scale; open = missing or in conflict. */
  scale: Type.Optional(Type.Enum([...scaleStates, 'open'])),
  /** Only slides that may be there twice. */
  duplicates: Type.Optional(Type.Literal(true)),
  /** Label and site as the newest cohort has them. */
  label: Type.Optional(Type.String({ maxLength: 200 })),
  labelled: Type.Optional(Type.Boolean()),
  site: Type.Optional(Type.String({ maxLength: 200 })),
  graded: Type.Optional(Type.Boolean()),
  format: Type.Optional(Type.String({ maxLength: 100 })),
  sort: Type.Optional(Type.Enum(slideSorts, { default: '-added' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
  cursor: Type.Optional(Type.String({ maxLength: 1000 })),
});
export const SlideList = Type.Object({
  slides: Type.Array(SlideMessage),
  total: Type.Integer(),
  next: Nullable(Type.String()),
});
export type SlideList = Static<typeof SlideList>;

const FilterValues = Type.Array(Type.Object({ value: Type.String(), slides: Type.Integer() }));
/** GET /api/slides/filters: what the list can be narrowed by, with how many slides there are of each. */
export const SlideFilterValues = Type.Object({ labels: FilterValues, sites: FilterValues, formats: FilterValues });
export type SlideFilterValues = Static<typeof SlideFilterValues>;

/** GET /api/slides/:id */
export const SlideLevel = Type.Object({
  /** Zoom index of the tile route: 0 = coarsest. */
  zoom: Type.Integer(),
  width: Type.Integer(),
  height: Type.Integer(),
  tileWidth: Type.Integer(),
  tileHeight: Type.Integer(),
  downsample: Type.Number(),
});
/** entry: what the slide is opened by. label, overview and thumbnail pictures are kept and never served. */
export const SlideFileMessage = Type.Object({
  path: Type.String(),
  bytes: Type.Number(),
  sha256: Type.String(),
  role: Type.Enum(['entry', 'data', 'label', 'overview', 'thumbnail']),
});
export const SlideDetail = Type.Object({
  ...SlideMessage.properties,
  levels: Type.Array(SlideLevel),
  files: Type.Array(SlideFileMessage),
  identifiers: Type.Array(IdentifyingField),
});
export type SlideDetail = Static<typeof SlideDetail>;

/** GET /api/slides/:id/file: deidentified by default; 0 = the original, for admins. */
export const SlideFileQuery = Type.Object({ deidentified: Type.Optional(Type.Enum(['0', '1'] as const)) });

/** GET /api/slides/:id/file/plan: the de-identified copy before it is made, or the Problem that it cannot be. */
export const SlideFilePlan = Type.Object({ fileName: Type.String(), bytes: Nullable(Type.Number()) });
export type SlideFilePlan = Static<typeof SlideFilePlan>;

/** PATCH /api/slides/:id */
export const SlideChange = Type.Object({ scale: ScaleChoice });

/**
 * POST /api/crop-sets: cuts crops of slides at one or more mpp; answers 202 at once. sizePx: 256 by default; stridePx: at
 * most sizePx, and sizePx by default, so that crops touch without overlap.
 */
export const CropSetRequest = Type.Object({
  slideIds: Type.Array(Type.String({ format: 'uuid' }), { minItems: 1, maxItems: 100_000 }),
  mpp: Type.Array(CropMpp, { minItems: 1, maxItems: 8 }),
  sizePx: Type.Optional(CropSize),
  stridePx: Type.Optional(CropStride),
});
export type CropSetRequest = Static<typeof CropSetRequest>;
export const CropSetAnswer = Type.Object({ cropSetIds: Type.Array(Type.Integer()) });

/** How far a grade can be trusted, from what was seen on held-out slides. */
export const GradeTrust = Type.Object({
  /** Calibrated: softmax of the logarithms over the temperature. */
  probabilities: Type.Array(Type.Number()),
  temperature: Type.Number(),
  /** Below this top probability the grade abstains; null: no threshold keeps targetAccuracy, every grade does. */
  abstainBelow: Nullable(Type.Number()),
  abstains: Type.Boolean(),
  targetAccuracy: Type.Number(),
  /** That temperature and threshold were fitted on. */
  slides: Type.Integer(),
});
export type GradeTrust = Static<typeof GradeTrust>;

/** GET /api/slides/:id/predictions */
export const PredictionMessage = Type.Object({
  id: Type.Integer(),
  jobId: Type.Integer(),
  encoder: EncoderName,
  classes: Type.Array(Type.String()),
  /** Mean over the asked models. */
  probabilities: Type.Array(Type.Number()),
  /** Over the asked models; null: graded before what each of them said was kept. */
  spread: Nullable(ModelSpread),
  /** Folds whose models were asked; held out: none of them was trained on this slide. */
  folds: Type.Array(Type.Integer()),
  heldOut: Type.Boolean(),
  truth: Nullable(Type.String()),
  /** Null: the models were trained before it was computed. */
  trust: Nullable(GradeTrust),
  cropSetId: Type.Integer(),
  /** Made of crops that were cut at a scale which the slide no longer has. */
  stale: Type.Boolean(),
  createdAt: Time,
});
export type PredictionMessage = Static<typeof PredictionMessage>;
export const PredictionList = Type.Object({ predictions: Type.Array(PredictionMessage) });
export type PredictionList = Static<typeof PredictionList>;

const Level0Px = Type.Number({ minimum: -1e9, maximum: 1e9 });
/**
 * GET /api/slides/:id/crops: where the crops lie. With a box, in level-0 px, those that overlap it, row by row, in pages:
 * pass the answer's `next` as `after`. Without one, all of them in the order of ix. With a job, those that it selects.
 */
export const CropQuery = Type.Object({
  cropSetId: Type.Integer({ minimum: 1 }),
  jobId: Type.Optional(Type.Integer({ minimum: 1 })),
  x0: Type.Optional(Level0Px),
  y0: Type.Optional(Level0Px),
  width0: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 })),
  height0: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1000 })),
  after: Type.Optional(Type.String({ pattern: '^\\d{1,9},\\d{1,9}$' })),
});
export type CropQuery = Static<typeof CropQuery>;
export const CropList = Type.Object({
  cropSetId: Type.Integer(),
  mpp: Type.Number(),
  sizePx: Type.Integer(),
  effectiveMpp: Nullable(SpacingMessage),
  /** Sides of a crop in level-0 px. */
  size0X: Type.Number(),
  size0Y: Type.Number(),
  crops: Type.Array(
    Type.Object({
      id: Type.String(),
      ix: Type.Integer(),
      x0: Type.Integer(),
      y0: Type.Integer(),
      tissueFraction: Type.Number(),
    }),
  ),
  next: Nullable(Type.String()),
});
export type CropList = Static<typeof CropList>;
