import { useDebouncedValue } from '@mantine/hooks';
import type { Problem } from '@stroma/core/errors';
import type { InterpolationAnswer, InterpolationRequest } from '@stroma/core/http/interpolation';
import { useEffect, useReducer, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import { problemOf } from '../data/request-failed.ts';

export const stripAlphas = [0, 0.2, 0.4, 0.6, 0.8, 1] as const;

const drawn = new Map<string, InterpolationAnswer>();

export interface WalkQuestion {
  jobId: number;
  primaryCropId: string;
  secondaryCropId: string;
  replica: number;
}

export interface Walk {
  picture: (alpha: number) => InterpolationAnswer | undefined;
  /** The step being drawn now. */
  drawing: number | null;
  problem: Problem | null;
  again: () => void;
}

/**
 * Draws the step under the slider first, then the strip, one at a time: the model answers one question after another
 * anyway. What has been drawn is kept by pair, alpha and replica.
 */
export function useWalk(question: WalkQuestion | null, alpha: number): Walk {
  const [settled] = useDebouncedValue(alpha, 180);
  const [drawing, setDrawing] = useState<number | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [turn, again] = useReducer((before: number) => before + 1, 0);
  const [, show] = useReducer((before: number) => before + 1, 0);
  const asked = question && JSON.stringify(question);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks the same again
  useEffect(() => {
    setProblem(null);
    if (!asked) return;
    const stop = new AbortController();
    void drawAll(JSON.parse(asked) as WalkQuestion, settled, stop.signal, setDrawing, show)
      .catch((error: unknown) => !stop.signal.aborted && setProblem(problemOf(error)))
      .finally(() => !stop.signal.aborted && setDrawing(null));
    return () => stop.abort();
  }, [asked, settled, turn]);

  return { picture: (at) => (question ? drawn.get(keyOf(question, at)) : undefined), drawing, problem, again };
}

async function drawAll(
  question: WalkQuestion,
  first: number,
  signal: AbortSignal,
  tell: (alpha: number) => void,
  show: () => void,
) {
  const { jobId, ...pair } = question;
  for (const alpha of [first, ...stripAlphas]) {
    const key = keyOf(question, alpha);
    if (drawn.has(key)) continue;
    tell(alpha);
    const body: InterpolationRequest = { ...pair, alphaPrimary: alpha };
    const answer = await send<InterpolationAnswer>('POST', `/api/jobs/${jobId}/interpolations`, body, signal);
    if (signal.aborted) return;
    drawn.set(key, answer);
    show();
  }
}

const keyOf = ({ jobId, primaryCropId, secondaryCropId, replica }: WalkQuestion, alpha: number) =>
  `${jobId} ${primaryCropId} ${secondaryCropId} ${replica} ${alpha.toFixed(2)}`;
