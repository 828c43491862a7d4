import { type Static, Type } from 'typebox';
import { Nullable, ProblemMessage, Time } from './common.ts';

/** received: whole, its group is not. waiting: part of a DICOM series whose image has not come. */
export const uploadStatuses = [
  'receiving',
  'received',
  'reading',
  'waiting',
  'registered',
  'refused',
  'left_out',
] as const;

export const findingKinds = ['slide', 'refused', 'left_out', 'waiting'] as const;

/** One thing that was found in an upload: a slide, what means to be one and is refused, or files that are none. */
export const UploadFinding = Type.Object({
  kind: Type.Enum(findingKinds),
  /** The slide's name; for files that were left out, what they are. */
  name: Type.String(),
  /** Paths inside the upload: the first 200 of fileCount. */
  files: Type.Array(Type.String()),
  fileCount: Type.Integer(),
  bytes: Type.Number(),
  slideId: Nullable(Type.String()),
  /** True when this content was already known as a slide. */
  duplicate: Type.Boolean(),
  problem: Nullable(ProblemMessage),
  /** What else is to be said, e.g. that an earlier slide of the same series stays beside it. */
  note: Nullable(Type.String()),
});
export type UploadFinding = Static<typeof UploadFinding>;

/** A file that was sent by itself. The upload itself is tus at /api/uploads. */
export const UploadMessage = Type.Object({
  id: Type.String(),
  fileName: Type.String(),
  bytes: Type.Number(),
  status: Type.Enum(uploadStatuses),
  /** Of the first slide that was found in it. */
  slideId: Nullable(Type.String()),
  duplicate: Type.Boolean(),
  refusal: Nullable(ProblemMessage),
  findings: Type.Array(UploadFinding),
  /** Sent by whoever asks. */
  mine: Type.Boolean(),
  createdAt: Time,
});
export type UploadMessage = Static<typeof UploadMessage>;

export const groupStatuses = ['receiving', 'reading', 'read'] as const;

/** Files that were sent together, e.g. a folder; read when all of them have come. */
export const UploadGroupMessage = Type.Object({
  id: Type.String(),
  name: Type.String(),
  fileCount: Type.Integer(),
  bytes: Type.Number(),
  /** Of files that are here as a whole. */
  receivedFiles: Type.Integer(),
  receivedBytes: Type.Number(),
  status: Type.Enum(groupStatuses),
  findings: Type.Array(UploadFinding),
  /** Sent by whoever asks. */
  mine: Type.Boolean(),
  createdAt: Time,
});
export type UploadGroupMessage = Static<typeof UploadGroupMessage>;

/** GET /api/upload-list: both newest first. */
export const UploadList = Type.Object({
  uploads: Type.Array(UploadMessage),
  groups: Type.Array(UploadGroupMessage),
});
export type UploadList = Static<typeof UploadList>;

/**
 * POST /api/upload-groups: announces files that belong together. Each is then sent by tus with the metadata `group` (the
 * answer's id) and `path`. The same list announced again goes on with the same group.
 */
export const UploadGroupRequest = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 255 }),
  files: Type.Array(
    Type.Object({
      /** Relative, `/`-separated, as the files lie beside each other. */
      path: Type.String({ minLength: 1, maxLength: 1000 }),
      bytes: Type.Integer({ minimum: 1 }),
    }),
    { minItems: 1, maxItems: 20_000 },
  ),
});
export type UploadGroupRequest = Static<typeof UploadGroupRequest>;
export const UploadGroupAnswer = Type.Object({
  id: Type.String(),
  /** Files of the list that an earlier attempt began to send. */
  begun: Type.Array(Type.Object({ path: Type.String(), uploadId: Type.String(), received: Type.Boolean() })),
});
export type UploadGroupAnswer = Static<typeof UploadGroupAnswer>;
