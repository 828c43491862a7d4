import type { TiffSource } from './source.ts';

/** Hamamatsu's own tag, in the first directory of every NDPI file. */
const ndpiTag = 65_420;
const maxEntries = 1024;

/**
 * NDPI calls itself a classic little-endian TIFF, but beyond 4 GB its offsets continue where TIFF 6.0 has something
 * else. It is recognised before anything is read as TIFF 6.0 describes it.
 */
export async function isNdpi(source: TiffSource): Promise<boolean> {
  if (source.fileSize < 16) return false;
  const head = new DataView(await source.read(0, 16, 'the TIFF header'));
  if (head.getUint32(0, true) !== 0x002a_4949) return false;
  for (const offset of [head.getUint32(4, true), Number(head.getBigUint64(4, true))]) {
    if (await holdsTag(source, offset, ndpiTag)) return true;
  }
  return false;
}

async function holdsTag(source: TiffSource, offset: number, wanted: number): Promise<boolean> {
  if (offset < 8 || offset + 2 > source.fileSize) return false;
  const count = new DataView(await source.read(offset, 2, 'image directory 0')).getUint16(0, true);
  if (count > maxEntries || offset + 2 + 12 * count > source.fileSize) return false;
  const entries = new DataView(await source.read(offset + 2, 12 * count, 'image directory 0'));
  for (let i = 0; i < count; i += 1) if (entries.getUint16(12 * i, true) === wanted) return true;
  return false;
}
