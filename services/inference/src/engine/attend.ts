import * as ort from 'onnxruntime-node';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Attend = Operations['attend'];

export async function attend({ models, embeddings, dim }: Attend['request']): Promise<Attend['answer']> {
  const bag = new ort.Tensor('float32', embeddings, [embeddings.length / dim, dim]);
  const answers: Attend['answer'] = [];
  for (const model of models) {
    const session = await sessionOf(model);
    const { logits, attention_logits } = await session.run({ embeddings: bag }, ['logits', 'attention_logits']);
    answers.push({
      logits: (logits as ort.Tensor).data as Float32Array,
      attentionLogits: (attention_logits as ort.Tensor).data as Float32Array,
    });
  }
  return answers;
}
