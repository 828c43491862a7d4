import type { GeoTIFF } from 'geotiff';
import { refuseContents } from '../refusal.ts';
import type { TiffSource } from './source.ts';
import { isFieldType, isSlideTag, mostValues } from './tags.ts';

/** Real slides have some thirty entries a directory; this stops crafted files. */
const maxEntries = 1024;

export interface DirectoryTable {
  /** The directory as geotiff is to see it. */
  bytes: ArrayBuffer;
  /** How many values each tag states; geotiff tells that only of values that it has read. */
  counts: Map<number, number>;
}

/** Reads a directory and cuts it to what a slide is read by. */
export async function readTable(source: TiffSource, tiff: GeoTIFF, offset: number, where: string) {
  const { littleEndian, bigTiff } = tiff;
  const [countBytes, entryBytes, offsetBytes] = bigTiff ? [8, 20, 8] : [2, 12, 4];
  const head = new DataView(await source.read(offset, countBytes, where));
  const total = bigTiff ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian);
  if (total === 0 || total > maxEntries) refuseContents(`1 to ${maxEntries} entries`, `${total} entries`, where);
  const tableBytes = total * entryBytes;
  const table = await source.read(offset + countBytes, tableBytes + offsetBytes, where);
  const { entries, counts } = slideEntries(new DataView(table, 0, tableBytes), entryBytes, tiff);
  if (bigTiff) head.setBigUint64(0, BigInt(entries.length), littleEndian);
  else head.setUint16(0, entries.length, littleEndian);
  const next = new Uint8Array(table, tableBytes);
  const bytes = Uint8Array.from(Buffer.concat([new Uint8Array(head.buffer), ...entries, next])).buffer;
  return { bytes, counts } satisfies DirectoryTable;
}

/**
 * The entries of the tags that a slide is read by, each with no more values than are asked for. Of a whole directory
 * geotiff would decode at once all that lies near, and it gives all of it up over one field of an unknown type, where
 * TIFF 6.0 says to skip the field. A tag whose field geotiff would not take gets a count and no entry.
 */
function slideEntries(table: DataView, entryBytes: number, { littleEndian, bigTiff }: GeoTIFF) {
  const entries = new Map<number, Uint8Array>();
  const counts = new Map<number, number>();
  for (let at = 0; at < table.byteLength; at += entryBytes) {
    const tag = table.getUint16(at, littleEndian);
    if (!isSlideTag(tag)) continue;
    const count = bigTiff ? Number(table.getBigUint64(at + 4, littleEndian)) : table.getUint32(at + 4, littleEndian);
    // Of a tag that is there twice the last entry holds.
    counts.set(tag, count);
    entries.delete(tag);
    if (!isFieldType(table.getUint16(at + 2, littleEndian))) continue;
    const most = Math.min(count, mostValues(tag));
    if (bigTiff) table.setBigUint64(at + 4, BigInt(most), littleEndian);
    else table.setUint32(at + 4, most, littleEndian);
    entries.set(tag, new Uint8Array(table.buffer, at, entryBytes));
  }
  return { entries: [...entries.values()], counts };
}
