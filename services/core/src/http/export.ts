import { type Static, Type } from 'typebox';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';

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
