import { guide } from '@stroma/core/diffusion/ddim';
import { startSampling } from '@stroma/core/diffusion/sampling';
import * as ort from 'onnxruntime-node';
import type { Operations } from './protocol.ts';
import { sessionOf } from './sessions.ts';

type Sample = Operations['sample'];

/** Sampling with classifier-free guidance (paper §11.1): the unconditional and the conditional half are one batch of 2. */
export async function latentOf(request: Sample['request'], breathe: () => Promise<void>): Promise<Float32Array> {
  const { embedding, latentShape, schedule, sampler, steps, guidanceScale } = request;
  const unet = await sessionOf(request.unet);
  const size = request.noise.length;
  const pairShape = [2, ...latentShape];
  // The unconditional embedding is all zero (services/README.md, “ONNX models”).
  const embeddings = new Float32Array(2 * embedding.length);
  embeddings.set(embedding, embedding.length);
  const condition = new ort.Tensor('float32', embeddings, [2, embedding.length]);
  let latent: Float32Array = request.noise;
  const way = startSampling(sampler, schedule, steps);
  for (const timestep of way.timesteps) {
    await breathe();
    const pair = new Float32Array(2 * size);
    pair.set(latent);
    pair.set(latent, size);
    const { eps } = await unet.run(
      {
        latent: new ort.Tensor('float32', pair, pairShape),
        timestep: new ort.Tensor('int64', new BigInt64Array(2).fill(BigInt(timestep)), [2]),
        embedding: condition,
      },
      ['eps'],
    );
    const both = (eps as ort.Tensor).data as Float32Array;
    latent = way.update(latent, guide(both.subarray(0, size), both.subarray(size), guidanceScale));
  }
  return latent;
}

export async function sample(request: Sample['request'], breathe: () => Promise<void>): Promise<Sample['answer']> {
  const latent = await latentOf(request, breathe);
  await breathe();
  const decoder = await sessionOf(request.decoder);
  const { image } = await decoder.run({ latent: new ort.Tensor('float32', latent, [1, ...request.latentShape]) }, [
    'image',
  ]);
  const [, , height = 0, width = 0] = (image as ort.Tensor).dims;
  return { rgb: interleaved((image as ort.Tensor).data as Float32Array, width * height), width, height };
}

/** [3, H, W] in 0…1 → [H, W, 3] in 0…255 */
function interleaved(planes: Float32Array, pixels: number): Uint8Array {
  const rgb = new Uint8ClampedArray(pixels * 3);
  for (let channel = 0; channel < 3; channel += 1) {
    for (let i = 0; i < pixels; i += 1) rgb[i * 3 + channel] = (planes[channel * pixels + i] ?? 0) * 255;
  }
  return new Uint8Array(rgb.buffer);
}
