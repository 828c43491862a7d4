import type { FileHandle } from 'node:fs/promises';
import { sharp } from '../bounded-sharp.ts';
import { boundedHeader, decodeJpeg, encodeJpeg } from '../jpeg.ts';
import { compression } from './tags.ts';
import { readTile } from './tile-jpeg.ts';
import { damaged, samplesTile, tileRows } from './tile-samples.ts';
import type { TileTable } from './tile-table.ts';

/** What stands for a tile that the scanner did not store. */
export async function whiteTile({ tileWidth, tileHeight }: Pick<TileTable, 'tileWidth' | 'tileHeight'>) {
  return await encodeJpeg(whitePixels(tileWidth, tileHeight), tileWidth, tileHeight);
}

/** Into `into` where it is large enough. */
export function whitePixels(width: number, height: number, into?: Buffer): Buffer {
  const length = width * height * 3;
  return into && into.length >= length ? into.subarray(0, length).fill(255) : Buffer.alloc(length, 255);
}

/** RGB of a stored tile or strip, the pixels that libtiff and OpenSlide give; undefined where none is stored. */
export async function accuratePixels(handle: FileHandle, table: TileTable, index: number): Promise<Buffer | undefined> {
  if (table.layout.compression !== compression.jpeg) return await samplesTile(handle, table, index);
  const jpeg = await readTile(handle, table, index);
  return jpeg && (await accurateJpeg(jpeg, table.tileWidth, tileRows(table, index)));
}

/** By libvips: accurate DCT. */
async function accurateJpeg(jpeg: Buffer, width: number, height: number): Promise<Buffer> {
  boundedHeader(jpeg);
  const limits = { failOn: 'warning', limitInputPixels: width * height } as const;
  const decoded = sharp(jpeg, limits).removeAlpha().toColourspace('srgb').raw();
  const { data, info } = await decoded.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
    throw damaged('a whole JPEG', String(error instanceof Error ? error.message : error).split('\n')[0] ?? '');
  });
  if (info.width !== width || info.height !== height || info.channels !== 3) throw wrongSize(info, width, height);
  return data;
}

/** By libjpeg-turbo, see decodeJpeg. */
export async function fastJpeg(jpeg: Buffer, { tileWidth, tileHeight }: TileTable, into?: Buffer): Promise<Buffer> {
  const image = await decodeJpeg(jpeg, into);
  if (image.width !== tileWidth || image.height !== tileHeight) throw wrongSize(image, tileWidth, tileHeight);
  return image.data;
}

function wrongSize(found: { width: number; height: number }, width: number, height: number) {
  return damaged(`${width} × ${height} px`, `${found.width} × ${found.height} px`);
}
