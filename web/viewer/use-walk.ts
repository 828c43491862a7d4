import { useDebouncedValue } from '@mantine/hooks';
import type { Problem } from '@stroma/core/errors';
import { useEffect, useReducer, useState } from 'react';
import { problemOf } from '../data/request-failed.ts';
import { coarseHelps, drawnStep, drawStep, type WalkQuestion } from './walk-drawings.ts';

export interface Walk {
  step: (alpha: number) => ReturnType<typeof drawnStep>;
  /** The step being drawn now. */
  drawing: number | null;
  problem: Problem | null;
  again: () => void;
}

/**
 * Draws the step under the slider first, coarsely and then wholly, then the strip, one at a time: the model answers one
 * question after another anyway.
 */
export function useWalk(question: WalkQuestion | null, alpha: number, strip: readonly number[]): Walk {
  const [settled] = useDebouncedValue(alpha, 60);
  const [drawing, setDrawing] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, again] = useReducer((before: number) => before + 1, 0);
  const [, show] = useReducer((before: number) => before + 1, 0);
  const asked = question && JSON.stringify({ question, strip });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks the same again
  useEffect(() => {
    setProblem(null);
    if (!asked) return;
    const stop = new AbortController();
    const { question, strip } = JSON.parse(asked) as { question: WalkQuestion; strip: number[] };
    const draw = async () => {
      for (const at of [settled, ...strip]) {
        setDrawing(at);
        const first = at === settled && coarseHelps(question) ? (['coarse', 'judged'] as const) : (['judged'] as const);
        for (const kind of first) {
          await drawStep(question, at, kind, stop.signal);
          if (stop.signal.aborted) return;
          show();
        }
      }
    };
    void draw()
      .catch((error: unknown) => !stop.signal.aborted && setProblem(problemOf(error)))
      .finally(() => !stop.signal.aborted && setDrawing(null));
    return () => stop.abort();
  }, [asked, settled, turn]);

  return { step: (at) => (question ? drawnStep(question, at) : undefined), drawing, problem, again };
}
