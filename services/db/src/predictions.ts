import type { Database } from './client.ts';
import { fenced } from './fenced.ts';
import type { Encoder } from './run-inputs.ts';
import type { Lease } from './runs.ts';

export interface NewPrediction {
  slideId: string;
  embeddingSetId: number;
  encoder: Encoder;
  /** Folds whose models were asked. */
  folds: number[];
  /** True when none of those models was trained on the slide. */
  heldOut: boolean;
  /** Mean over the asked models. */
  probabilities: number[];
  /** Of each asked model in turn. */
  modelProbabilities: number[];
  /** Little-endian float32, one a crop in the order of crop.ix. */
  attentionLogits: Buffer;
  /** Little-endian float32, class after class, within it as the attention logits. */
  classEvidence: Buffer | null;
}

/** Drops what a run may have left before it is done anew. */
export async function clearPredictions(db: Database, lease: Lease): Promise<void> {
  await fenced(db, lease, async (trx) => {
    await trx.deleteFrom('prediction').where('runId', '=', lease.runId).execute();
  });
}

/** Slide by slide: a cohort's scores are too many to be held until its last slide. */
export async function putPrediction(db: Database, lease: Lease, prediction: NewPrediction): Promise<void> {
  await fenced(db, lease, async (trx) => {
    await trx
      .insertInto('prediction')
      .values({ runId: lease.runId, ...prediction })
      .execute();
  });
}
