import { largestFirst, softmax } from '@stroma/core/mil/attention';
import type { StoredScores } from '@stroma/db/prediction-scores';
import { makeVector, RecordBatch, Schema, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { batchRows } from '../embedding/embedding-file.ts';

/**
 * A prediction's scores, one crop a row in the order of crop.ix: the stored numbers that the heat map is drawn from.
 * attention is their softmax, sum 1; attention_rank is 1 for the most attended. Metadata tell of the prediction.
 */
export function* scoreBatches(slideName: string, scores: StoredScores): Generator<RecordBatch> {
  const crops = scores.ix.length;
  const attention = softmax(scores.attentionLogits);
  const rank = new Int32Array(crops);
  largestFirst(scores.attentionLogits).forEach((crop, place) => {
    rank[crop] = place + 1;
  });
  const metadata = new Map([
    ['encoder', scores.encoder],
    ['folds', JSON.stringify(scores.folds)],
    ['held_out', String(scores.heldOut)],
    ['classes', JSON.stringify(scores.classes)],
    ['probabilities', JSON.stringify(scores.probabilities)],
  ]);
  for (let from = 0; from < crops; from += batchRows) {
    const to = Math.min(crops, from + batchRows);
    const repeated = (value: number) => makeVector(new Float64Array(to - from).fill(value));
    const table = new Table({
      slide: vectorFromArray(new Array<string>(to - from).fill(slideName), new Utf8()),
      crop_id: vectorFromArray(
        Array.from(scores.ix.subarray(from, to), (ix) => `${scores.cropSetId}:${ix}`),
        new Utf8(),
      ),
      x0: makeVector(scores.x0.slice(from, to)),
      y0: makeVector(scores.y0.slice(from, to)),
      size0_x: repeated(scores.size0X),
      size0_y: repeated(scores.size0Y),
      attention_logit: makeVector(scores.attentionLogits.slice(from, to)),
      attention: makeVector(attention.slice(from, to)),
      attention_rank: makeVector(rank.slice(from, to)),
      ...Object.fromEntries(
        scores.evidence.map((ofClass, c) => [`evidence_${scores.classes[c]}`, makeVector(ofClass.slice(from, to))]),
      ),
    });
    const schema = new Schema(table.schema.fields, metadata);
    for (const batch of table.batches) yield new RecordBatch(schema, batch.data);
  }
}
