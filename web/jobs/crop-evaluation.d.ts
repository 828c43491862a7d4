import type { RunMessage } from '@stroma/core/http/job';
export interface Score {
  value: number;
  low: number | null;
  high: number | null;
}
export interface EncoderEvaluation {
  encoder: 'dino' | 'gen_dino';
  knn: Score | null;
  probe: Score | null;
  /** Fréchet distances at equal numbers of crops. */
  frechet: {
    floor: number;
    generated: number;
    crops: number;
  } | null;
}
export interface CropEvaluation {
  crops: number;
  encoders: EncoderEvaluation[];
}
/** What the job page shows of a finished evaluation; the report has all of it. */
export declare function cropEvaluation(run: RunMessage): CropEvaluation | undefined;
