import type { Scores } from '@stroma/core/http/scores';
import type { PredictionList, PredictionMessage } from '@stroma/core/http/slide';
import { useMemo, useState } from 'react';
import useSWRImmutable from 'swr/immutable';
import { fetchScores } from '../data/fetch-scores.ts';
import type { RequestFailed } from '../data/request-failed.ts';
import { type JsonAnswer, useJson } from '../data/use-json.ts';

export type Encoder = 'dino' | 'gen_dino';

export interface Grades {
  answer: JsonAnswer<PredictionList>;
  /** Jobs that graded this slide, newest first. */
  jobs: number[];
  job: number | null;
  chooseJob: (job: number) => void;
  of: Partial<Record<Encoder, PredictionMessage>>;
}

/** A slide's predictions, those of one job at a time. */
export function useGrades(slideId: string): Grades {
  const answer = useJson<PredictionList>(predictionsAddress(slideId));
  const [chosen, chooseJob] = useState<number | null>(null);
  return useMemo(() => ({ answer, chooseJob, ...gradesOf(answer.data?.predictions ?? [], chosen) }), [answer, chosen]);
}

export const predictionsAddress = (slideId: string) => `/api/slides/${slideId}/predictions`;
export const scoresAddress = (prediction: PredictionMessage) => `/api/predictions/${prediction.id}/scores`;

/** Of the job that is chosen, else of the newest; by each encoder the newest, which `all` begins with. */
export function gradesOf(all: PredictionMessage[], chosen: number | null): Pick<Grades, 'jobs' | 'job' | 'of'> {
  const jobs = [...new Set(all.map((one) => one.jobId))].sort((a, b) => b - a);
  const job = chosen !== null && jobs.includes(chosen) ? chosen : (jobs[0] ?? null);
  const of: Grades['of'] = {};
  for (const one of all) if (one.jobId === job) of[one.encoder] ??= one;
  return { jobs, job, of };
}

/** Whose heat map is shown: the wanted encoder's if it graded the slide, else another's. */
export const shownEncoder = (of: Grades['of'], wanted: Encoder): Encoder | null =>
  [wanted, 'gen_dino' as const, 'dino' as const].find((encoder) => of[encoder]) ?? null;

/** The scores of every crop. They never change: what was fetched is kept. */
export function useScores(prediction: PredictionMessage | undefined): JsonAnswer<Scores> {
  return useSWRImmutable<Scores, RequestFailed>(prediction ? scoresAddress(prediction) : null, fetchScores);
}

/** Index of the most probable class. */
export function gradeOf(prediction: PredictionMessage): { grade: string; probability: number } {
  const probability = Math.max(...prediction.probabilities);
  return { grade: prediction.classes[prediction.probabilities.indexOf(probability)] ?? '–', probability };
}
