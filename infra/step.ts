import { asProblem, type Problem, StromaError } from '@stroma/core/errors';

/** Carries one step out and prints one line with its time. `work` returns what to say about the outcome. */
export async function step<T>(name: string, work: () => Promise<T>, say: (outcome: T) => string = String): Promise<T> {
  const startedAt = performance.now();
  const outcome = await work();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  console.log(`${seconds} s  ${name}: ${say(outcome)}`);
  return outcome;
}

/** Runs a command's main function; an error is printed as a person needs it and ends the process with code 1. */
export function main(command: () => Promise<number | undefined>): void {
  command().then(
    (code) => process.exit(code ?? 0),
    (error: unknown) => {
      console.error(`\n${problemText(asProblem(error))}`);
      if (!(error instanceof StromaError)) console.error(error);
      process.exit(1);
    },
  );
}

export function problemText(problem: Problem): string {
  const lines = [problem.message];
  for (const part of ['where', 'expected', 'found', 'remedy'] as const) {
    if (problem[part]) lines.push(`  ${part}: ${problem[part]}`);
  }
  return lines.join('\n');
}
