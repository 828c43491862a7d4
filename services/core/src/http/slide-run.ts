import { type Static, Type } from 'typebox';
import { Nullable, ProblemMessage, Time } from './common.ts';
import { RunProgress, runStatuses } from './job.ts';

/** A place whose pixels could not be read, in level-0 px; crops over it were left out. */
export const UnreadablePlace = Type.Object({
  x0: Type.Integer(),
  y0: Type.Integer(),
  width0: Type.Integer(),
  height0: Type.Integer(),
});
export type UnreadablePlace = Static<typeof UnreadablePlace>;

/** GET /api/slides/:id/runs: how the slide was read, cut and graded on arrival, the newest first. */
export const SlideRun = Type.Object({
  id: Type.Integer(),
  stage: Type.Enum(['read_slide', 'tile', 'grade_slide'] as const),
  status: Type.Enum(runStatuses),
  /** Of the crops that a tile run cuts. */
  mpp: Nullable(Type.Number()),
  sizePx: Nullable(Type.Integer()),
  attempt: Type.Integer(),
  progress: Nullable(RunProgress),
  error: Nullable(ProblemMessage),
  createdAt: Time,
  startedAt: Nullable(Time),
  endedAt: Nullable(Time),
  /** Between the request and the start: other work came first. */
  waitedSeconds: Nullable(Type.Number()),
  steps: Type.Array(Type.Object({ name: Type.String(), seconds: Type.Number(), times: Type.Integer() })),
  skippedCrops: Type.Integer(),
  unreadableTiles: Type.Integer(),
  /** The first of them, row by row. */
  unreadablePlaces: Type.Array(UnreadablePlace),
});
export type SlideRun = Static<typeof SlideRun>;
export const SlideRunList = Type.Object({ runs: Type.Array(SlideRun) });
export type SlideRunList = Static<typeof SlideRunList>;

/** GET /api/failed-readings: uploads that could not be read through no fault of the file; the newest first. */
export const FailedReadingList = Type.Object({
  readings: Type.Array(
    Type.Object({
      runId: Type.Integer(),
      name: Type.String(),
      error: Nullable(ProblemMessage),
      endedAt: Nullable(Time),
    }),
  ),
});
export type FailedReadingList = Static<typeof FailedReadingList>;

/** POST /api/runs/:id/retry */
export const RetryAnswer = Type.Object({ runId: Type.Integer() });
