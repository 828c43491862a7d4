import type { Scores } from '@stroma/core/http/scores';
import type { PredictionList, PredictionMessage } from '@stroma/core/http/slide';
import { useMemo } from 'react';
import useSWRImmutable from 'swr/immutable';
import { fetchScores } from '../data/fetch-scores.ts';
import type { RequestFailed } from '../data/request-failed.ts';
import { type JsonAnswer, useJson } from '../data/use-json.ts';
import { gradesOf, predictionsAddress, type SlideGrades, scoresAddress } from './slide-grades.ts';

export interface Grades extends SlideGrades {
  answer: JsonAnswer<PredictionList>;
  /** The job that was asked for; it may not have graded this slide. */
  chosen: number | null;
}

export function useGrades(slideId: string, chosen: number | null): Grades {
  const answer = useJson<PredictionList>(predictionsAddress(slideId));
  return useMemo(() => ({ answer, chosen, ...gradesOf(answer.data?.predictions ?? [], chosen) }), [answer, chosen]);
}

/** The scores of every crop. They never change: what was fetched is kept. */
export function useScores(prediction: PredictionMessage | undefined): JsonAnswer<Scores> {
  return useSWRImmutable<Scores, RequestFailed>(prediction ? scoresAddress(prediction) : null, fetchScores);
}
