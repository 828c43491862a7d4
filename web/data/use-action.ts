import type { Problem } from '@stroma/core/errors';
import { useCallback, useState } from 'react';
import { problemOf } from './request-failed.ts';

/** An act of the user: busy while it runs, its problem kept until the next try. */
export function useAction<Inputs extends unknown[]>(act: (...inputs: Inputs) => Promise<unknown>) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  const run = useCallback(
    async (...inputs: Inputs) => {
      setBusy(true);
      setProblem(null);
      try {
        await act(...inputs);
      } catch (error) {
        setProblem(problemOf(error));
      } finally {
        setBusy(false);
      }
    },
    [act],
  );
  return { run, busy, problem };
}
