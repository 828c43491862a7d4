import { type Problem, StromaError } from '@stroma/core/errors';

/** Why a child ended while it was needed. */
export type Reason =
  | { kind: 'time'; limitMs: number }
  | { kind: 'memory'; limitBytes: number }
  | { kind: 'crash'; how: string };

/** A call that a child did not answer any more. */
export class ChildLost extends Error {
  readonly reason: Reason;
  /** `alone`: only this slide was being read. `shared`: others too. `waiting`: the call had not reached the child. */
  readonly call: 'alone' | 'shared' | 'waiting';

  constructor(reason: Reason, call: ChildLost['call']) {
    super(`a child that reads slides was lost: ${JSON.stringify(reason)}`);
    this.reason = reason;
    this.call = call;
  }
}

export function lostError(reason: Reason, where: string): StromaError {
  return new StromaError({ ...inWords(reason), where });
}

const remedy =
  'If it happens again, export the slide anew from the scanner software; this file makes its reader fail, other slides are not affected.';

function inWords(reason: Reason): Problem {
  if (reason.kind === 'time') {
    return {
      code: 'slide.read_time',
      message: 'Reading the slide took too long and was stopped.',
      expected: `an answer within ${reason.limitMs / 1000} s`,
      found: 'none',
      remedy,
    };
  }
  if (reason.kind === 'memory') {
    return {
      code: 'slide.read_memory',
      message: 'Reading the slide took too much memory and was stopped.',
      expected: `at most ${Math.round(reason.limitBytes / 1e6)} MB`,
      found: 'more',
      remedy,
    };
  }
  return {
    code: 'slide.read_crash',
    message: 'The program that reads the slide crashed on it.',
    expected: 'pixels or a reason',
    found: reason.how,
    remedy,
  };
}
