import { type Static, Type } from 'typebox';
import { CropSelection } from '../contract/crop-selection.ts';
import { Preset } from '../contract/run-directory.ts';
import { EncoderName, Nullable } from './common.ts';

/** GET /api/jobs/:id/provenance: what decides the outcome of a job's trainings, for comparing it with another. */
export const JobProvenance = Type.Object({
  jobId: Type.Integer(),
  cohortId: Type.Integer(),
  cohortName: Type.String(),
  preset: Preset,
  seed: Type.Integer(),
  mpp: Type.Number(),
  sizePx: Type.Integer(),
  stridePx: Type.Integer(),
  cropSelection: CropSelection,
  runs: Type.Array(
    Type.Object({
      id: Type.Integer(),
      stage: Type.String(),
      encoder: Nullable(EncoderName),
      codeRevision: Nullable(Type.String()),
      /** The preset's settings with the overrides applied; empty until the run has begun. */
      settings: Type.Record(Type.String(), Type.Unknown()),
      /** What the preset has in the place of each override; empty as settings, and of runs that did not tell it. */
      replaced: Type.Record(Type.String(), Type.Unknown()),
      /** SHA-256 of each input's content; a manifest's covers its crops. */
      data: Type.Record(Type.String(), Type.String()),
    }),
  ),
  /** As embedded; empty until the first encoder has. */
  slides: Type.Array(
    Type.Object({ id: Type.String(), name: Type.String(), sha256: Type.String(), crops: Type.Integer() }),
  ),
});
export type JobProvenance = Static<typeof JobProvenance>;
