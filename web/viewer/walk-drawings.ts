import type { InterpolationAnswer, InterpolationRequest } from '@stroma/core/http/interpolation';
import { send } from '../data/fetch-json.ts';

export interface WalkQuestion {
  jobId: number;
  primaryCropId: string;
  secondaryCropId: string;
  replica: number;
  sampler: NonNullable<InterpolationRequest['sampler']>;
  steps: number;
}

/** coarse: a few steps, to see something at once; picture: as asked; judged: with the grade and the nearest crop. */
export const kinds = ['coarse', 'picture', 'judged'] as const;
export type Kind = (typeof kinds)[number];

const coarseSteps = 4;
/** Pictures of 256 px have about 150 kB. */
const mostKept = 500;
const drawn = new Map<string, InterpolationAnswer>();

/** The best that has been drawn of a step. */
export function drawnStep(
  question: WalkQuestion,
  alpha: number,
): { kind: Kind; answer: InterpolationAnswer } | undefined {
  for (const kind of [...kinds].reverse()) {
    const answer = drawn.get(keyOf(question, alpha, kind));
    if (answer) return { kind, answer };
  }
  return undefined;
}

/** A coarse picture is worth it only where the whole one takes many more steps. */
export const coarseHelps = ({ steps }: WalkQuestion) => steps > 2 * coarseSteps;

export async function drawStep(question: WalkQuestion, alpha: number, kind: Kind, signal: AbortSignal): Promise<void> {
  const have = drawnStep(question, alpha);
  if (have && kinds.indexOf(have.kind) >= kinds.indexOf(kind)) return;
  const { jobId, ...drawing } = question;
  const body: InterpolationRequest = {
    ...drawing,
    ...(kind === 'coarse' ? { sampler: 'dpmpp', steps: coarseSteps } : {}),
    judge: kind === 'judged',
    alphaPrimary: alpha,
  };
  const answer = await send<InterpolationAnswer>('POST', `/api/jobs/${jobId}/interpolations`, body, signal);
  const [oldest] = drawn.keys();
  if (drawn.size >= mostKept && oldest !== undefined) drawn.delete(oldest);
  drawn.set(keyOf(question, alpha, kind), answer);
}

const keyOf = (question: WalkQuestion, alpha: number, kind: Kind) =>
  `${kind} ${alpha.toFixed(2)} ${Object.values(question).join(' ')}`;
