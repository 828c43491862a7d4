import type { Problem } from '@stroma/core/errors';

/** An answer that was not 2xx, or no answer at all (status 0). */
export class RequestFailed extends Error {
  readonly problem: Problem;
  readonly status: number;

  constructor(problem: Problem, status: number) {
    super(problem.message);
    this.name = 'RequestFailed';
    this.problem = problem;
    this.status = status;
  }
}

export function problemOf(error: unknown): Problem {
  if (error instanceof RequestFailed) return error.problem;
  return { code: 'page', message: error instanceof Error ? error.message : String(error) };
}
