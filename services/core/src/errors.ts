/** Every error a person can meet says what was expected, what was found, where, and what to do. */
export interface Problem {
  /** Stable, machine-readable, e.g. `slide.truncated`. */
  code: string;
  /** One sentence for a person. */
  message: string;
  expected?: string;
  found?: string;
  where?: string;
  remedy?: string;
}

export class StromaError extends Error {
  readonly problem: Problem;
  /** HTTP status the api answers with. */
  readonly status: number;

  constructor(problem: Problem, status = 422) {
    super(problem.message);
    this.name = 'StromaError';
    this.problem = problem;
    this.status = status;
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof StromaError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal',
    message: `Something went wrong inside Stroma: ${message}`,
    remedy: 'Try again; if it stays, the service log names the place.',
  };
}
