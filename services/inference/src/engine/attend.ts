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
      const answer = await session.run({ embeddings: piece });
      const numbers = (name: string) => answer[name]?.data as Float32Array;
      // Models exported before there was evidence tell none.
      const classLogits = session.outputNames.includes('class_logits') ? numbers('class_logits') : null;
      bags[i]?.add(numbers('logits'), numbers('attention_logits'), classLogits);
    }
  }
  return bags.map((bag) => bag.finish());
}
