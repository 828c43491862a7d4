import type { FileHandle } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { sharp } from '../bounded-sharp.ts';
import { toRgb } from './colour.ts';
import { oneStripHead, oneStripHeadBytes } from './one-strip-tiff.ts';
import { compression } from './tags.ts';
import type { TileTable } from './tile-table.ts';

/** RGB of a tile that is not JPEG, decoded off the event loop; undefined where the scanner stored none. */
export async function samplesTile(handle: FileHandle, table: TileTable, index: number): Promise<Buffer | undefined> {
  const { layout } = table;
  if (!layout.planar) {
    const samples = await readSamples(handle, table, index, layout.samples);
    return samples && toRgb(samples, table);
  }
  const planeTiles = table.across * table.down;
  const planes: Buffer[] = [];
  for (let plane = 0; plane < layout.samples; plane += 1) {
    const samples = await readSamples(handle, table, plane * planeTiles + index, 1);
    if (!samples) return undefined;
    planes.push(samples);
  }
  return toRgb(interleaved(planes), table);
}

/** Rows of a tile: the last strip holds those that are left, where a tile is filled up. */
export function tileRows({ layout, height, tileHeight, across }: TileTable, index: number): number {
  return layout.tiled ? tileHeight : Math.min(tileHeight, height - Math.floor(index / across) * tileHeight);
}

async function readSamples(
  handle: FileHandle,
  table: TileTable,
  index: number,
  samples: number,
): Promise<Buffer | undefined> {
  const { layout, tileWidth } = table;
  const count = table.counts[index] ?? 0;
  if (count === 0) return undefined;
  const height = tileRows(table, index % (table.across * table.down));
  const expected = tileWidth * height * samples;
  if (layout.compression === compression.none) {
    if (count < expected) throw damaged(`${expected} bytes`, `${count} bytes`);
    const bytes = Buffer.allocUnsafeSlow(expected);
    await handle.read(bytes, 0, expected, table.offsets[index] ?? 0);
    return bytes;
  }
  const isWebp = layout.compression === compression.webp;
  const bytes = Buffer.allocUnsafe(oneStripHeadBytes + count);
  await handle.read(bytes, oneStripHeadBytes, count, table.offsets[index] ?? 0);
  oneStripHead({ ...layout, width: tileWidth, height, samples, bytes: count }).copy(bytes);
  const source = isWebp ? webp(bytes.subarray(oneStripHeadBytes)) : bytes;
  try {
    const picture = sharp(source, { failOn: 'warning', limitInputPixels: tileWidth * height });
    // Of one sample libvips would make three equal ones.
    if (samples === 1) picture.toColourspace('b-w');
    const { data, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    if (info.width === tileWidth && info.height === height && info.channels === samples) return data;
    throw damaged(`${tileWidth} × ${height} px`, `${info.width} × ${info.height} px in ${info.channels} channels`);
  } catch (error) {
    if (error instanceof StromaError) throw error;
    throw damaged('bytes that decode', String(error instanceof Error ? error.message : error).split('\n')[0] ?? '');
  }
}

/** libvips goes by the content, whatever it is; nothing but WebP may come to it here. */
function webp(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return bytes;
  throw damaged('a WebP picture', 'other bytes');
}

function interleaved(planes: Buffer[]): Buffer {
  const pixels = planes[0]?.length ?? 0;
  const out = Buffer.allocUnsafeSlow(pixels * planes.length);
  planes.forEach((plane, channel) => {
    for (let i = 0; i < pixels; i += 1) out[i * planes.length + channel] = plane[i] ?? 0;
  });
  return out;
}

export function damaged(expected: string, found: string): StromaError {
  return new StromaError({
    code: 'slide.tile_damaged',
    message: 'A tile of the slide is damaged.',
    expected,
    found,
    remedy: 'Copy the file again; where it is damaged the slide has no pixels.',
  });
}
