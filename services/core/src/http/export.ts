import { type Static, Type } from 'typebox';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';
import { RunProgress } from './job.ts';

/** coded: slides and patients go by codes (core/coded-name); uploaded: by the names and IDs that people gave. */
export const exportNames = ['coded', 'uploaded'] as const;

export const layouts = ['parquet', 'clam', 'scores'] as const;

/** POST /api/exports */
export const ExportRequest = Type.Object({
  jobId: Type.Integer(),
  encoder: EncoderName,
  layout: Type.Enum(layouts),
  names: Type.Optional(Type.Enum(exportNames)),
});
export type ExportRequest = Static<typeof ExportRequest>;

/** A zip: Parquet = embeddings/<slide name>.parquet; CLAM = patches/<slide name>.h5, h5_files/<slide name>.h5, dataset.csv; scores = scores/<slide name>.parquet. */
export const ExportMessage = Type.Object({
  id: Type.Integer(),
  jobId: Type.Integer(),
  cohortId: Type.Integer(),
  encoder: EncoderName,
  layout: Type.Enum(layouts),
  names: Type.Enum(exportNames),
  /** queued: no worker has begun it; running: it is being written. */
  status: Type.Enum(['queued', 'running', 'ready', 'failed'] as const),
  /** Of the writing; null before the first slide is in. */
  progress: Nullable(RunProgress),
  fileName: Type.String(),
  bytes: Nullable(Type.Number()),
  sha256: Nullable(Type.String()),
  slideCount: Nullable(Type.Integer()),
  cropCount: Nullable(Type.Integer()),
  error: Nullable(ProblemMessage),
  createdAt: Time,
});
export type ExportMessage = Static<typeof ExportMessage>;
export const ExportList = Type.Object({ exports: Type.Array(ExportMessage) });
export type ExportList = Static<typeof ExportList>;

/** GET /api/jobs/:id/export-plan: what can be exported by now, before it is asked for. */
export const ExportPlan = Type.Object({
  exports: Type.Array(
    Type.Object({
      encoder: EncoderName,
      layout: Type.Enum(layouts),
      slides: Type.Integer(),
      crops: Type.Integer(),
      /** An estimate (core/export-size). */
      bytes: Type.Integer(),
      /** At the rate of the last export in this layout; null before the first. */
      seconds: Nullable(Type.Number()),
      fileName: Type.String(),
    }),
  ),
});
export type ExportPlan = Static<typeof ExportPlan>;

/** GET /api/jobs/:id/export-slides: the slides that such an export holds, each with its file's name in the zip, without ending. */
export const ExportSlidesQuery = Type.Object({
  encoder: EncoderName,
  layout: Type.Enum(layouts),
  names: Type.Optional(Type.Enum(exportNames)),
});
export type ExportSlidesQuery = Static<typeof ExportSlidesQuery>;
export const ExportSlides = Type.Object({
  slides: Type.Array(
    Type.Object({
      slideId: Type.String(),
      name: Type.String(),
      file: Type.String(),
      label: Nullable(Type.String()),
      crops: Type.Integer(),
    }),
  ),
});
export type ExportSlides = Static<typeof ExportSlides>;
