import * as ort from 'onnxruntime-node';
import { embeddingBatches, embeddingsOf } from '../embedding/read-embeddings.ts';
import { PooledBag } from './pooled-bag.ts';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Attend = Operations['attend'];

/**
 * Reads the bag once for all models, piece by piece: one of 10^6 crops is never held whole. `between` runs before every
 * piece, and ends the work by throwing.
 */
export async function attend(
  { models, embeddings }: Attend['request'],
  between: () => Promise<void>,
): Promise<Attend['answer']> {
  const sessions = await Promise.all(models.map(sessionOf));
  const bags = models.map(() => new PooledBag());
  for await (const batch of embeddingBatches(embeddings)) {
    await between();
    const { dim, values } = embeddingsOf(batch);
    const piece = new ort.Tensor('float16', values, [batch.numRows, dim]);
    for (const [i, session] of sessions.entries()) {
      const { logits, attention_logits } = await session.run({ embeddings: piece }, ['logits', 'attention_logits']);
      bags[i]?.add((logits as ort.Tensor).data as Float32Array, (attention_logits as ort.Tensor).data as Float32Array);
    }
  }
  return bags.map((bag) => bag.finish());
}
