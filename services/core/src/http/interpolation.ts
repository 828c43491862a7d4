import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';

const CropId = Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' });

/** How a walk is drawn; all of it names the picture, so the same words give the same bytes. */
export const WalkDrawing = Type.Object({
  primaryCropId: CropId,
  secondaryCropId: CropId,
  /** The same noise for every alpha of a walk; another replica is "same pair, other noise". */
  replica: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, default: 0 })),
  /** Default: ddim, the paper's. */
  sampler: Type.Optional(Type.Union([Type.Literal('ddim'), Type.Literal('dpmpp'), Type.Literal('unipc')])),
  /** Default: what the E-LDM's card says. */
  steps: Type.Optional(Type.Integer({ minimum: 2, maximum: 50 })),
});
export type WalkDrawing = Static<typeof WalkDrawing>;

/** POST /api/jobs/:jobId/interpolations: one step of a walk, drawn live by the job's E-LDM. */
export const InterpolationRequest = Type.Object({
  ...WalkDrawing.properties,
  /** Weight of the primary crop: 1 is the primary, 0 the secondary. */
  alphaPrimary: Type.Number({ minimum: 0, maximum: 1 }),
  /** Also the slide's grade with the primary crop replaced by the picture, and the nearest real crop. Default: yes. */
  judge: Type.Optional(Type.Boolean()),
});
export type InterpolationRequest = Static<typeof InterpolationRequest>;

export const CropPlace = Type.Object({
  cropId: Type.String(),
  slideId: Type.String(),
  slideName: Type.String(),
  /** Level-0 px. */
  x0: Type.Integer(),
  y0: Type.Integer(),
  size0X: Type.Number(),
  size0Y: Type.Number(),
});
export type CropPlace = Static<typeof CropPlace>;

const Encoder = Type.Union([Type.Literal('dino'), Type.Literal('gen_dino')]);

const graded = {
  /** Mean of the models that graded the slide, by class. */
  probabilities: Type.Array(Type.Number()),
  /** The same, read at the temperature that the slide's grade is read at; null where none was fitted. */
  calibrated: Nullable(Type.Array(Type.Number())),
};

export const InterpolationAnswer = Type.Object({
  alphaPrimary: Type.Number(),
  sampler: Type.String(),
  steps: Type.Integer(),
  seconds: Type.Number(),
  synthetic: Type.Literal(true),
  /** Cosine of the picture's own embedding to the two sources'. */
  similarityPrimary: Nullable(Type.Number()),
  similaritySecondary: Nullable(Type.Number()),
  /** The primary crop's slide as its ABMIL models grade it with this picture in the crop's place; by class. */
  grades: Type.Array(Type.Object({ encoder: Encoder, ...graded })),
  /** The real crop of the cohort whose embedding is nearest to the picture's, its cosine, and among how many. */
  nearest: Nullable(Type.Object({ ...CropPlace.properties, similarity: Type.Number(), among: Type.Integer() })),
  /** PNG, base64; its metadata says that it is synthetic and how it was made. */
  png: Type.String(),
});
export type InterpolationAnswer = Static<typeof InterpolationAnswer>;

/** GET /api/jobs/:jobId/walk: what a walk between two crops starts from. Asking opens the models that draw it. */
export const WalkQuery = Type.Object({ primaryCropId: CropId, secondaryCropId: CropId });
export type WalkQuery = Static<typeof WalkQuery>;

export const WalkDetail = Type.Object({
  jobId: Type.Integer(),
  primary: CropPlace,
  secondary: CropPlace,
  /** The card's: what the synthetic set was drawn with, if its settings said nothing else. */
  steps: Type.Integer(),
  guidanceScale: Type.Number(),
  imagePx: Type.Integer(),
  /** The primary crop's slide as it was graded, where the crop took part. */
  grades: Type.Array(
    Type.Object({
      encoder: Encoder,
      predictionId: Type.Integer(),
      classes: Type.Array(Type.String()),
      ...graded,
      folds: Type.Array(Type.Integer()),
      heldOut: Type.Boolean(),
      /** Crops of the bag, of which one is replaced. */
      cropCount: Type.Integer(),
    }),
  ),
});
export type WalkDetail = Static<typeof WalkDetail>;

/** POST /api/predictions/:id/walks: crops to walk between, towards a grade. */
export const WalkTowards = Type.Object({ grade: Type.Integer({ minimum: 0, maximum: 1000 }) });
export type WalkTowards = Static<typeof WalkTowards>;

export const WalkProposal = Type.Object({
  jobId: Type.Integer(),
  encoder: Encoder,
  grade: Type.String(),
  /** The slide's most attended crop. */
  primary: CropPlace,
  attention: Type.Number(),
  /** Of the crops considered, the one that makes the grade most probable in the primary's place. */
  secondary: CropPlace,
  considered: Type.Object({ slides: Type.Integer(), crops: Type.Integer() }),
  /** Of that grade: of the slide as it is, and with the real secondary crop in the primary's place. */
  probability: Type.Number(),
  reached: Type.Number(),
  /** Those two are read at the temperature that the slide's grade is read at; there is none for models of old trainings. */
  calibrated: Type.Boolean(),
  /** True when the slide's grade becomes that one by the real crop alone. */
  flips: Type.Boolean(),
});
export type WalkProposal = Static<typeof WalkProposal>;

/** GET /api/jobs/:jobId/walk/file: a walk to take away. */
export const WalkFileQuery = Type.Object({
  ...WalkDrawing.properties,
  format: Type.Union([Type.Literal('png'), Type.Literal('gif'), Type.Literal('json')]),
  /** Pictures from one end to the other, both included. */
  pictures: Type.Optional(Type.Integer({ minimum: 1, maximum: 41 })),
  /** Of a single picture; not used for several. */
  alphaPrimary: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});
export type WalkFileQuery = Static<typeof WalkFileQuery>;
