import * as ort from 'onnxruntime-node';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Look = Operations['patchAttention'];

export async function patchAttention(
  { model, cropPx, crops }: Look['request'],
  pixels: Uint8Array,
): Promise<Look['answer']> {
  const session = await sessionOf(model);
  // Encoders exported before attention was told have no such output.
  if (!session.outputNames.includes('attention')) return null;
  const crop = new ort.Tensor('uint8', pixels, [crops.length, cropPx, cropPx, 3]);
  const { attention } = await session.run({ crop }, ['attention']);
  const [, heads = 0, patches = 0] = (attention as ort.Tensor).dims;
  return { attention: (attention as ort.Tensor).data as Float32Array, heads, patches };
}
