import { type Static, Type } from 'typebox';
import { EncoderName, Nullable, ProblemMessage, Time } from './common.ts';
import { RunProgress, runStatuses, stages } from './job.ts';

/** GET /api/overview: what the first page tells, in one answer. */
export const Overview = Type.Object({
  slides: Type.Object({
    total: Type.Integer(),
    /** Scale settled: crops can be cut. */
    ready: Type.Integer(),
    /** No µm/px, or two that contradict each other. */
    scaleOpen: Type.Integer(),
    /** Uploads that arrive, wait for the rest of their series or are read. */
    arriving: Type.Integer(),
    /** With crops at some scale. */
    cut: Type.Integer(),
    crops: Type.Integer(),
  }),
  /** `slides` are those in any of them. */
  cohorts: Type.Object({ total: Type.Integer(), slides: Type.Integer() }),
  /** Jobs that run or wait, the newest first. */
  jobs: Type.Array(
    Type.Object({
      id: Type.Integer(),
      cohortName: Type.String(),
      preset: Type.String(),
      status: Type.Enum(runStatuses),
      createdAt: Time,
      done: Type.Integer(),
      total: Type.Integer(),
      running: Type.Array(
        Type.Object({
          stage: Type.Enum(stages),
          encoder: Nullable(EncoderName),
          progress: Nullable(RunProgress),
          startedAt: Nullable(Time),
        }),
      ),
    }),
  ),
  /** The newest job whose ABMIL folds are done. */
  gradedJob: Nullable(Type.Object({ id: Type.Integer(), cohortName: Type.String() })),
  /** What goes on only when a person decides. */
  needs: Type.Object({
    failedReadings: Type.Integer(),
    failedJobs: Type.Array(
      Type.Object({
        id: Type.Integer(),
        cohortName: Type.String(),
        stage: Type.Enum(stages),
        /** An alarm stopped it: its numbers said that it was not worth going on. */
        alarm: Type.Boolean(),
        problem: Nullable(ProblemMessage),
      }),
    ),
    /** Cohorts in which one slide may lie in two folds, as two files. */
    leaks: Type.Array(Type.Object({ id: Type.Integer(), name: Type.String(), pairs: Type.Integer() })),
  }),
  storage: Type.Object({
    slideBytes: Type.Integer(),
    cropBytes: Type.Integer(),
    exportBytes: Type.Integer(),
    /** Of the disk that uploads arrive on. */
    freeBytes: Type.Integer(),
    diskBytes: Type.Integer(),
  }),
});
export type Overview = Static<typeof Overview>;
