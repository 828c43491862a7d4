import type { Transaction } from 'kysely';
import type { Encoder } from './run-inputs.ts';
import type { DB } from './schema.ts';

export interface NewPrediction {
  slideId: string;
  embeddingSetId: number;
  encoder: Encoder;
  /** Folds whose models were asked. */
  folds: number[];
  /** True when none of those models was trained on the slide. */
  heldOut: boolean;
  probabilities: number[];
  /** Little-endian float32, one a crop in the order of crop.ix. */
  attentionLogits: Buffer;
}

// A row's attention is 4 bytes a crop; some hundred rows a statement stay far below the protocol's 1 GB.
const rowsAtOnce = 100;

/** Stores a run's predictions in place of those it may have left before. */
export async function putPredictions(
  trx: Transaction<DB>,
  runId: number,
  predictions: readonly NewPrediction[],
): Promise<void> {
  await trx.deleteFrom('prediction').where('runId', '=', runId).execute();
  for (let first = 0; first < predictions.length; first += rowsAtOnce) {
    const rows = predictions.slice(first, first + rowsAtOnce);
    await trx
      .insertInto('prediction')
      .values(rows.map((row) => ({ runId, ...row })))
      .execute();
  }
}
