import type { TrainerEvent } from '@stroma/core/contract/run-directory';
import { type Problem, StromaError } from '@stroma/core/errors';
import type { TrainerEnd } from './executor.ts';

/** Another trainer still holds the run directory: that of a launcher that has died. */
export function isLocked(end: TrainerEnd): boolean {
  return end.code === 1 && /run_locked:/.test(end.lastWords);
}

type ErrorEvent = Extract<TrainerEvent, { kind: 'error' }>;

/** What a person reads when the trainer has ended with an error. */
export function trainerProblem(end: TrainerEnd, error: ErrorEvent | undefined, logFile: string): StromaError {
  if (error && end.code === 1) {
    const { code, message, expected, found, where, remedy } = error;
    const problem: Problem = { code: `trainer.${code}`, message };
    return new StromaError(Object.assign(problem, present({ expected, found, where, remedy })));
  }
  if (isLocked(end)) {
    return new StromaError({
      code: 'trainer.run_locked',
      message: 'Another trainer process still works on this run, and has not ended in time.',
      where: logFile,
      remedy: 'End that process, then resume the job.',
    });
  }
  const unseen = /run_folder_unseen: (.+)/.exec(end.lastWords)?.[1];
  if (unseen) {
    return new StromaError({
      code: 'ray.folder_unseen',
      message: 'A node of the Ray cluster does not see the run’s directory.',
      expected: 'the same storage under the same path on every node',
      found: unseen,
      where: logFile,
      remedy:
        'Mount the folder that STROMA_OBJECTS (or STROMA_DATA) names on every node, e.g. by NFS; then resume the job.',
    });
  }
  const how = end.signal ? `signal ${end.signal}` : `exit code ${end.code ?? 'none'}`;
  return new StromaError({
    code: 'trainer.ended',
    message: `The trainer ended with ${how} and gave no reason.`,
    expected: 'exit code 0',
    found: `${how}${end.lastWords ? `; its last words: ${end.lastWords}` : ''}`,
    where: logFile,
    remedy: 'Read the log, then resume the job: it goes on from the last checkpoint.',
  });
}

/** It was started again and again, and came no further. */
export function interruptedProblem(times: number, how: string, logFile: string): StromaError {
  return new StromaError({
    code: 'trainer.interrupted',
    message: `The trainer was interrupted ${times} times without a new checkpoint between.`,
    expected: 'enough free memory for the preset, and machines that stay up from one checkpoint to the next',
    found: how,
    where: logFile,
    remedy: 'Free memory, lower crop_memory_gb or batch_size, or take a smaller preset; then resume the job.',
  });
}

function present(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
