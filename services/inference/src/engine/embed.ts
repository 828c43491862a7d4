import { StromaError } from '@stroma/core/errors';
import { decodeJpeg } from '@stroma/wsi/jpeg';
import * as ort from 'onnxruntime-node';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Embed = Operations['embed'];

/** Pixels of a batch, [B, cropPx, cropPx, 3]. Decoding runs on other threads while a model computes. */
export async function pixelsOf({ crops, cropPx, encoding }: Embed['request']): Promise<Uint8Array> {
  const bytes = cropPx * cropPx * 3;
  const pixels = Buffer.allocUnsafeSlow(crops.length * bytes);
  await Promise.all(
    crops.map(async (crop, i) => {
      const target = pixels.subarray(i * bytes, (i + 1) * bytes);
      if (encoding === 'rgb') {
        if (crop.length !== bytes) throw wrongSize(cropPx, `${crop.length} bytes`);
        target.set(crop);
        return;
      }
      const image = await decodeJpeg(crop, target);
      if (image.width !== cropPx || image.height !== cropPx) {
        throw wrongSize(cropPx, `${image.width} × ${image.height} px`);
      }
      // A picture that did not fit is refused above; one that the decoder kept elsewhere is copied.
      if (image.data.buffer !== pixels.buffer) target.set(image.data);
    }),
  );
  return pixels;
}

export async function embed({ model, cropPx, crops }: Embed['request'], pixels: Uint8Array): Promise<Embed['answer']> {
  const session = await sessionOf(model);
  const crop = new ort.Tensor('uint8', pixels, [crops.length, cropPx, cropPx, 3]);
  const { embedding } = await session.run({ crop }, ['embedding']);
  if (!embedding) throw new Error(`${model.path} has no output “embedding”`);
  return { embeddings: embedding.data as Float32Array, dim: embedding.dims[1] ?? 0 };
}

function wrongSize(cropPx: number, found: string): StromaError {
  return new StromaError({
    code: 'crop.size',
    message: 'A stored crop does not have the size that the encoder was trained on.',
    expected: `${cropPx} × ${cropPx} px`,
    found,
    remedy: 'Cut the slide’s crops again.',
  });
}
