import { type Static, Type } from 'typebox';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';

export const layouts = ['parquet', 'clam'] as const;

/** POST /api/exports */
export const ExportRequest = Type.Object({
  jobId: Type.Integer(),
  encoder: EncoderName,
  layout: Type.Enum(layouts),
});
export type ExportRequest = Static<typeof ExportRequest>;

/** A zip: Parquet = embeddings/<slide name>.parquet; CLAM = patches/<slide name>.h5, h5_files/<slide name>.h5, dataset.csv. */
export const ExportMessage = Type.Object({
  id: Type.Integer(),
  jobId: Type.Integer(),
  cohortId: Type.Integer(),
  encoder: EncoderName,
  layout: Type.Enum(layouts),
  status: Type.Union([Type.Literal('queued'), Type.Literal('ready'), Type.Literal('failed')]),
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
