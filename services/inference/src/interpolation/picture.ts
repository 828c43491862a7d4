import sharp from 'sharp';

export interface Picture {
  rgb: Uint8Array;
  width: number;
  height: number;
}

/** PNG whose EXIF says that it is synthetic and how it was made, so that it cannot pass for tissue later. */
export async function syntheticPng({ rgb, width, height }: Picture, made: Record<string, unknown>): Promise<Buffer> {
  const description = JSON.stringify({ synthetic: true, ...made });
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .withExif({
      IFD0: { ImageDescription: description, Software: 'Stroma' },
      IFD2: { UserComment: description },
    })
    .png()
    .toBuffer();
}

/**
 * The picture at the size the encoder reads. By a whole factor each pixel is repeated, which the encoder's own area
 * average undoes exactly; otherwise cubic.
 */
export async function resized({ rgb, width, height }: Picture, side: number): Promise<Uint8Array> {
  if (width === side && height === side) return rgb;
  const whole = side % width === 0 && side % height === 0;
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .resize(side, side, { kernel: whole ? 'nearest' : 'cubic', fit: 'fill' })
    .raw()
    .toBuffer();
}
