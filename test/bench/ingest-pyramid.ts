/**
 * Writes a slide of any size out of a real region: `tsx test/bench/ingest-pyramid.ts REGION OUT REPEAT`. The region's
 * 4 × 4 tiles of 256 px with most tissue are repeated REPEAT times to each side, with every coarser level, as a BigTIFF
 * with an Aperio header that every reader knows the µm/px of. Only the distinct tiles are held; every tile is written.
 */
import { open, rename } from 'node:fs/promises';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { resample } from '@stroma/wsi/resample';
import { findTissue } from '@stroma/wsi/tissue-mask';

const tile = 256;
const period = 4 * tile;
/** The level beyond is no longer a whole number of tiles. */
const mostLevels = 7;

interface Level {
  across: number;
  /** Bytes of tile (column mod side, row mod side). */
  tiles: Buffer[];
  side: number;
}

async function levels(regionFile: string, repeat: number): Promise<{ levels: Level[]; mpp: number }> {
  const slide = await openSlide(regionFile);
  const { width, height } = slide.level(0);
  const mpp = (slide.structure.mppDeclared ?? slide.structure.mppDerived)?.x;
  if (width < period || height < period || !mpp) throw new Error(`${regionFile} is too small or of unknown µm/px`);
  const tissue = await findTissue(slide, mpp);
  let [left, top, most] = [0, 0, -1];
  for (let y = 0; y + period <= height; y += tile / 4) {
    for (let x = 0; x + period <= width; x += tile / 4) {
      const { tissueFraction } = tissue.sharesOf(x, y, period, period);
      if (tissueFraction > most) [left, top, most] = [x, y, tissueFraction];
    }
  }
  const finest = await slide.region(0, left, top, period, period);
  await slide.close();
  const made: Level[] = [];
  for (let level = 0; level < mostLevels; level += 1) {
    const across = (repeat * period) / tile / 2 ** level;
    if (!Number.isInteger(across)) break;
    const size = period / 2 ** level;
    const pixels = await resample({ data: finest, width: period, height: period }, size, size);
    const side = Math.max(1, size / tile);
    const tiles: Buffer[] = [];
    for (let at = 0; at < side * side; at += 1) {
      tiles.push(await encodeJpeg(repeated(pixels, size, at % side, Math.floor(at / side)), tile, tile, 80, '4:2:0'));
    }
    made.push({ across, tiles, side });
  }
  return { levels: made, mpp };
}

/** A tile of the endless repetition of a square picture. */
function repeated(pixels: Buffer, size: number, column: number, row: number): Buffer {
  const out = Buffer.allocUnsafe(tile * tile * 3);
  for (let y = 0; y < tile; y += 1) {
    for (let x = 0; x < tile; x += 1) {
      const from = (((row * tile + y) % size) * size + ((column * tile + x) % size)) * 3;
      pixels.copy(out, (y * tile + x) * 3, from, from + 3);
    }
  }
  return out;
}

/** An entry of a BigTIFF directory: tag, type, count, and its value or where it lies. */
function entry(tag: number, type: 2 | 3 | 4 | 5 | 16, count: number, value: bigint): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16LE(tag, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.writeBigUInt64LE(BigInt(count), 4);
  bytes.writeBigUInt64LE(value, 12);
  return bytes;
}

const [regionFile, out, repeatText] = process.argv.slice(2);
const repeat = Number(repeatText);
if (!regionFile || !out || !Number.isInteger(repeat)) throw new Error('name a region, a file and a number');
const made = await levels(regionFile, repeat);
const file = await open(`${out}.unfinished`, 'w');
let at = 16;
const write = async (bytes: Buffer) => {
  await file.write(bytes, 0, bytes.length, at);
  at += bytes.length;
};
let linkAt = 8;
for (const [ix, { across, tiles, side }] of made.levels.entries()) {
  const offsets = Buffer.alloc(8 * across * across);
  const counts = Buffer.alloc(4 * across * across);
  for (let row = 0; row < across; row += 1) {
    const line: Buffer[] = [];
    let lineBytes = 0;
    for (let column = 0; column < across; column += 1) {
      const bytes = tiles[(row % side) * side + (column % side)] ?? Buffer.alloc(0);
      offsets.writeBigUInt64LE(BigInt(at + lineBytes), 8 * (row * across + column));
      counts.writeUInt32LE(bytes.length, 4 * (row * across + column));
      line.push(bytes);
      lineBytes += bytes.length;
    }
    await write(Buffer.concat(line, lineBytes));
  }
  const offsetsAt = BigInt(at);
  await write(offsets);
  const countsAt = BigInt(at);
  await write(counts);
  const text = Buffer.from(`Aperio Image Library v0\r\nrepeated region |AppMag = 20|MPP = ${made.mpp}\0`);
  const textAt = BigInt(at);
  await write(text);
  const px = BigInt(across * tile);
  const three = (value: bigint) => value | (value << 16n) | (value << 32n);
  const entries = [
    entry(254, 4, 1, ix === 0 ? 0n : 1n),
    entry(256, 4, 1, px),
    entry(257, 4, 1, px),
    entry(258, 3, 3, three(8n)),
    entry(259, 3, 1, 7n),
    entry(262, 3, 1, 6n),
    entry(270, 2, text.length, textAt),
    entry(277, 3, 1, 3n),
    entry(284, 3, 1, 1n),
    entry(322, 4, 1, BigInt(tile)),
    entry(323, 4, 1, BigInt(tile)),
    entry(324, 16, across * across, across === 1 ? BigInt(offsets.readBigUInt64LE(0)) : offsetsAt),
    entry(325, 4, across * across, across <= 1 ? BigInt(counts.readUInt32LE(0)) : countsAt),
    entry(530, 3, 2, 2n | (2n << 16n)),
  ];
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(entries.length));
  const link = Buffer.alloc(8);
  link.writeBigUInt64LE(BigInt(at));
  await file.write(link, 0, 8, linkAt);
  linkAt = at + 8 + 20 * entries.length;
  await write(Buffer.concat([head, ...entries, Buffer.alloc(8)]));
}
await file.write(Buffer.from([0x49, 0x49, 43, 0, 8, 0, 0, 0]), 0, 8, 0);
await file.close();
await rename(`${out}.unfinished`, out);
