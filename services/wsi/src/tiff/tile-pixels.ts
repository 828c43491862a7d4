import { StromaError } from '@stroma/core/errors';
import { sharp } from '../bounded-sharp.ts';
import { decodeJpeg, encodeJpeg } from '../jpeg.ts';
import type { TileTable } from './tile-table.ts';

/** What stands for a tile that the scanner did not store. */
export async function whiteTile({ tileWidth, tileHeight }: TileTable): Promise<Buffer> {
  return await encodeJpeg(Buffer.alloc(tileWidth * tileHeight * 3, 255), tileWidth, tileHeight);
}

/** By libvips: accurate DCT, the pixels that libtiff and OpenSlide give. */
export async function accuratePixels(jpeg: Buffer, { tileWidth, tileHeight }: TileTable): Promise<Buffer> {
  const decoded = sharp(jpeg, { failOn: 'warning' }).removeAlpha().raw();
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
  if (info.width !== tileWidth || info.height !== tileHeight || info.channels !== 3) {
    throw wrongSize(info, tileWidth, tileHeight);
  }
  return data;
}

/** By libjpeg-turbo, see decodeJpeg. */
export async function fastPixels(jpeg: Buffer, { tileWidth, tileHeight }: TileTable, into?: Buffer): Promise<Buffer> {
  const image = await decodeJpeg(jpeg, into);
  if (image.width !== tileWidth || image.height !== tileHeight) throw wrongSize(image, tileWidth, tileHeight);
  return image.data;
}

function wrongSize(found: { width: number; height: number }, width: number, height: number): StromaError {
  return new StromaError({
    code: 'slide.tile_damaged',
    message: 'A tile of the slide is damaged.',
    expected: `${width} × ${height} px`,
    found: `${found.width} × ${found.height} px`,
  });
}
