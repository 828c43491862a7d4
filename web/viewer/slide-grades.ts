import type { PredictionMessage } from '@stroma/core/http/slide';
import type { AddressPart } from './view-address.ts';

export type Encoder = 'dino' | 'gen_dino';

/** A slide's predictions, those of one job at a time. */
export interface SlideGrades {
  /** Jobs that graded this slide, newest first. */
  jobs: number[];
  job: number | null;
  of: Partial<Record<Encoder, PredictionMessage>>;
}

export const predictionsAddress = (slideId: string) => `/api/slides/${slideId}/predictions`;
export const scoresAddress = (prediction: PredictionMessage) => `/api/predictions/${prediction.id}/scores`;

/** Of the job that is chosen, else of the newest; by each encoder the newest, which `all` begins with. */
export function gradesOf(all: PredictionMessage[], chosen: number | null): SlideGrades {
  const jobs = [...new Set(all.map((one) => one.jobId))].sort((a, b) => b - a);
  const job = chosen !== null && jobs.includes(chosen) ? chosen : (jobs[0] ?? null);
  const of: SlideGrades['of'] = {};
  for (const one of all) if (one.jobId === job) of[one.encoder] ??= one;
  return { jobs, job, of };
}

/** The address does without the newest job: that is the default. */
export const jobAddress = ({ jobs }: Pick<SlideGrades, 'jobs'>, chosen: number | null): AddressPart => ({
  job: chosen === null || chosen === jobs[0] ? null : String(chosen),
});

export function readJob(query: { get(name: string): string | null }): number | null {
  const job = query.get('job') ?? '';
  return /^[1-9]\d{0,8}$/.test(job) ? Number(job) : null;
}

/** Whose heat map is shown: the wanted encoder's if it graded the slide, else another's. */
export const shownEncoder = (of: SlideGrades['of'], wanted: Encoder): Encoder | null =>
  [wanted, 'gen_dino' as const, 'dino' as const].find((encoder) => of[encoder]) ?? null;

/** The most probable class. */
export function gradeOf(prediction: PredictionMessage): { grade: string; probability: number } {
  const probability = Math.max(...prediction.probabilities);
  return { grade: prediction.classes[prediction.probabilities.indexOf(probability)] ?? '–', probability };
}
