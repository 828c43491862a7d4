import { Button } from '@mantine/core';
import type { Problem } from '@stroma/core/errors';
import { useEffect, useReducer, useState } from 'react';
import { problemOf } from '../data/request-failed.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { SyntheticPicture } from './synthetic-picture.tsx';
import classes from './walk.module.css';
import { drawnStep, drawStep, type WalkQuestion } from './walk-drawings.ts';

const replicas = [0, 1, 2, 3] as const;

/** The same step from four noises: what the pair decides stays, what the noise decided changes. */
export function WalkNoises({
  question,
  alpha,
  onReplica,
}: {
  question: WalkQuestion;
  alpha: number;
  onReplica: (replica: number) => void;
}) {
  const [opened, open] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [attempt, retry] = useReducer((before: number) => before + 1, 0);
  const [, show] = useReducer((before: number) => before + 1, 0);
  const asked = opened ? JSON.stringify({ ...question, replica: 0 }) : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was drawn is kept, and a further attempt draws the rest
  useEffect(() => {
    if (!asked) return;
    const stop = new AbortController();
    const draw = async () => {
      for (const replica of replicas) {
        await drawStep({ ...(JSON.parse(asked) as WalkQuestion), replica }, alpha, 'picture', stop.signal);
        if (!stop.signal.aborted) show();
      }
    };
    setProblem(null);
    draw().catch((error: unknown) => !stop.signal.aborted && setProblem(problemOf(error)));
    return () => stop.abort();
  }, [asked, alpha, attempt]);
  return (
    <div className={classes.noise}>
      <Button variant="default" onClick={() => open(!opened)} aria-expanded={opened}>
        Same pair, other noise
      </Button>
      {opened && problem && <ProblemView compact problem={problem} onRetry={retry} />}
      {opened &&
        replicas.map((replica) => (
          <button
            key={replica}
            type="button"
            className={classes.noiseStep}
            aria-pressed={replica === question.replica}
            onClick={() => onReplica(replica)}
            data-testid="walk-noise"
          >
            <SyntheticPicture png={drawnStep({ ...question, replica }, alpha)?.answer.png} alpha={alpha} />
            <span>noise {replica}</span>
          </button>
        ))}
    </div>
  );
}
