import { existsSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asProblem, type Problem } from '@stroma/core/errors';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { openSlide } from '@stroma/wsi/open-slide';

/** Real slides, where this checkout has them; see their README. */
export const sharedSlides = path.resolve(import.meta.dirname, '../../../shared/data/slides');
export const withSharedSlides = existsSync(sharedSlides);
export const withOpenSlide = Boolean(process.env.STROMA_OPENSLIDE);

export async function temporaryFolder(): Promise<string> {
  return await mkdtemp(path.join(tmpdir(), 'stroma-wsi-'));
}

/** Pixels that no compression leaves flat, with a pink disc that counts as tissue. */
export function picture(width: number, height: number): Buffer {
  const rgb = Buffer.alloc(width * height * 3, 250);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const inside = ((x - width / 2) / (width / 2)) ** 2 + ((y - height / 2) / (height / 2)) ** 2 < 0.7;
      if (inside) rgb.set([190 + ((x * 7 + y * 3) % 40), 90 + ((x ^ y) % 50), 160 + (y % 30)], (y * width + x) * 3);
    }
  }
  return rgb;
}

/** A pyramidal TIFF with JPEG tiles at 0.5 µm/px, as libvips writes it. */
export async function tiffBytes(width = 700, height = 500, rgb = picture(width, height)): Promise<Buffer> {
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .tiff({ compression: 'jpeg', quality: 80, tile: true, pyramid: true, xres: 2000, yres: 2000, resolutionUnit: 'cm' })
    .toBuffer();
}

/** Where an entry of the first directory lies in a little-endian TIFF. */
export function entryAt(tiff: Buffer, tag: number): number {
  const directory = tiff.readUInt32LE(4);
  const count = tiff.readUInt16LE(directory);
  for (let i = 0; i < count; i += 1) {
    const at = directory + 2 + 12 * i;
    if (tiff.readUInt16LE(at) === tag) return at;
  }
  throw new RangeError(`no tag ${tag}`);
}

/** Overwrites the count or the value (or offset) of a tag of the first directory. */
export function patched(tiff: Buffer, tag: number, change: { count?: number; value?: number }): Buffer {
  const copy = Buffer.from(tiff);
  const at = entryAt(copy, tag);
  const short = copy.readUInt16LE(at + 2) === 3 && copy.readUInt32LE(at + 4) === 1;
  if (change.count !== undefined) copy.writeUInt32LE(change.count, at + 4);
  if (change.value !== undefined)
    short ? copy.writeUInt16LE(change.value, at + 8) : copy.writeUInt32LE(change.value, at + 8);
  return copy;
}

/** The problem that a file is refused with. */
export async function refusalOf(file: string): Promise<Problem> {
  try {
    await (await openSlide(file)).close();
  } catch (error) {
    return asProblem(error);
  }
  throw new Error(`${path.basename(file)} was accepted`);
}

export async function refusalOfBytes(folder: string, bytes: Buffer): Promise<Problem> {
  const file = path.join(folder, 'upload.svs');
  await writeFile(file, bytes);
  return await refusalOf(file);
}
