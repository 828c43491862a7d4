import { sharp } from '../bounded-sharp.ts';
import { type MaskPicture, type TissueMask, tissueMask } from '../tissue-mask.ts';

/** What a mask's picture does not say of itself. */
export type MaskPlace = Omit<MaskPicture, 'classes'>;

/** A grey PNG whose values are the classes: some 10 kB a slide. */
export async function maskPng({ classes, width, height }: MaskPicture): Promise<Buffer> {
  return await sharp(classes, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}

export async function readMask(png: Uint8Array, place: MaskPlace): Promise<TissueMask> {
  const { data, info } = await sharp(png).extractChannel(0).raw().toBuffer({ resolveWithObject: true });
  if (info.width !== place.width || info.height !== place.height || info.channels !== 1) {
    throw new Error(`the mask's picture is ${info.width} × ${info.height}, not ${place.width} × ${place.height}`);
  }
  return tissueMask({ ...place, classes: new Uint8Array(data) });
}
