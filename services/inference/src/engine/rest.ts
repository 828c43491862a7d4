import type { RecordBatch } from 'apache-arrow';
import * as ort from 'onnxruntime-node';
import { embeddingBatches, embeddingsOf } from '../embedding/read-embeddings.ts';
import { logSumExp, PooledBag } from './pooled-bag.ts';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Rest = Operations['rest'];

/** The bag without one of its crops, read once for all models, piece by piece; null when the crop is not in the bag. */
export async function rest(
  { models, embeddings, without }: Rest['request'],
  between: () => Promise<void>,
): Promise<Rest['answer']> {
  const sessions = await Promise.all(models.map(sessionOf));
  const bags = models.map(() => new PooledBag());
  let found = false;
  for await (const batch of embeddingBatches(embeddings)) {
    await between();
    const { dim, values } = embeddingsOf(batch);
    const row = found ? -1 : rowOf(batch, without);
    if (row >= 0) found = true;
    const pieces = row < 0 ? [values] : [values.subarray(0, row * dim), values.subarray((row + 1) * dim)];
    for (const piece of pieces.filter((values) => values.length > 0)) {
      const tensor = new ort.Tensor('float16', piece, [piece.length / dim, dim]);
      for (const [i, session] of sessions.entries()) {
        const answer = await session.run({ embeddings: tensor }, ['logits', 'attention_logits']);
        bags[i]?.add(floats(answer.logits), floats(answer.attention_logits));
      }
    }
  }
  if (!found) return null;
  return bags.map((bag) => {
    const { logits, attentionLogits } = bag.finish();
    return { logits, mass: logSumExp(attentionLogits) };
  });
}

/** Embeddings as bags of one crop each: by row, then by model. */
export async function instances({
  models,
  embeddings,
  dim,
}: Operations['instances']['request']): Promise<Operations['instances']['answer']> {
  const sessions = await Promise.all(models.map(sessionOf));
  const rows: Operations['instances']['answer'] = [];
  for (let at = 0; at < embeddings.length; at += dim) {
    const tensor = new ort.Tensor('float16', embeddings.slice(at, at + dim), [1, dim]);
    const parts: Operations['instances']['answer'][number] = [];
    for (const session of sessions) {
      const answer = await session.run({ embeddings: tensor }, ['logits', 'attention_logits']);
      parts.push({ logits: floats(answer.logits), mass: floats(answer.attention_logits)[0] ?? 0 });
    }
    rows.push(parts);
  }
  return rows;
}

function rowOf(batch: RecordBatch, cropId: string): number {
  const ids = batch.getChild('crop_id');
  for (let i = 0; i < batch.numRows; i += 1) if (ids?.get(i) === cropId) return i;
  return -1;
}

const floats = (tensor: ort.Tensor | undefined) => (tensor as ort.Tensor).data as Float32Array;
