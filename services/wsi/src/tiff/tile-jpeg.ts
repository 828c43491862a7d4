import type { FileHandle } from 'node:fs/promises';
import { JpegScrubber } from '../privacy/scrub-jpeg.ts';
import type { TileTable } from './tile-table.ts';

const soi = Buffer.from([0xff, 0xd8]);
/** Adobe APP14 with transform 0: three components are RGB, not YCbCr. */
const adobeRgb = Buffer.from([0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0]);

/** A complete JPEG; undefined where the scanner stored no tile. */
export async function readTile(handle: FileHandle, table: TileTable, index: number): Promise<Buffer | undefined> {
  const count = table.counts[index] ?? 0;
  if (count === 0) return undefined;
  const { tables, rgb } = table;
  // Read to where the tile ends up behind its tables, so that the usual case copies nothing.
  const bytes = Buffer.allocUnsafe(tables.length + count);
  const { bytesRead } = await handle.read(bytes, tables.length, count, table.offsets[index] ?? 0);
  const tile = withoutComments(bytes.subarray(tables.length, tables.length + bytesRead));
  if (rgb || tile[0] !== 0xff || tile[1] !== 0xd8) return completeJpeg(Buffer.from(tile), tables, rgb);
  // The tile's own start marker makes room for the tables' last two bytes.
  soi.copy(bytes, 0);
  tables.copy(bytes, soi.length);
  return bytes.subarray(0, tables.length + bytesRead);
}

/** A scanner's comment or EXIF inside a tile can name a person, and a tile is served and copied as it is. In place. */
export function withoutComments(jpeg: Buffer): Buffer {
  return new JpegScrubber().scrub(jpeg);
}

/**
 * A complete JPEG from a stored tile and the tables it shares with the others; nothing is decoded. The colour
 * space is the TIFF's to say: for RGB a JFIF or Adobe marker of the stream would contradict it and is left out.
 */
export function completeJpeg(tile: Buffer, tables: Buffer, rgb: boolean): Buffer {
  if (!rgb && tables.length === 0) return tile;
  const body = tile[0] === 0xff && tile[1] === 0xd8 ? tile.subarray(2) : tile;
  if (!rgb) return Buffer.concat([soi, tables, body]);
  return Buffer.concat([soi, adobeRgb, withoutColourMarkers(tables), withoutColourMarkers(body)]);
}

/** Drops APP0 (JFIF) and APP14 (Adobe) before the first scan. */
function withoutColourMarkers(segments: Buffer): Buffer {
  const kept: Buffer[] = [];
  let keptFrom = 0;
  let at = 0;
  while (at + 4 <= segments.length && segments[at] === 0xff && segments[at + 1] !== 0xda) {
    const length = 2 + segments.readUInt16BE(at + 2);
    if (segments[at + 1] === 0xe0 || segments[at + 1] === 0xee) {
      kept.push(segments.subarray(keptFrom, at));
      keptFrom = at + length;
    }
    at += length;
  }
  return keptFrom === 0 ? segments : Buffer.concat([...kept, segments.subarray(keptFrom)]);
}
