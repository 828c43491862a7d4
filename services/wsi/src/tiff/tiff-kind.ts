import { open } from 'node:fs/promises';
import { isAperio } from './aperio.ts';
import type { TiffDirectory } from './directory.ts';
import { isTiff, readDirectories } from './file.ts';
import { readImages, type TiffImage } from './images.ts';
import { isNdpi } from './ndpi.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { TiffSource } from './source.ts';
import { compression, jpeg2000Compressions, tag } from './tags.ts';

export type TiffFormat = keyof typeof vendors;

/** What a TIFF is, by its content; nothing of its pixels is read. */
export interface TiffKind {
  format: TiffFormat;
  vendor: string | null;
  /** Which of Stroma's readers reads it, or says why it cannot be read. */
  reader: 'tiff' | 'openslide';
  /** How the finest image is stored; null for NDPI, whose directories only OpenSlide understands. */
  pixels: PixelLayout | null;
}

const vendors = {
  'aperio-svs': 'Aperio',
  'argos-avs': 'Argos',
  'generic-tiff': null,
  'hamamatsu-ndpi': 'Hamamatsu',
  'huron-tiff': 'Huron',
  'leica-scn': 'Leica',
  'ome-tiff': null,
  'philips-tiff': 'Philips',
  'trestle-tiff': 'Trestle',
  'ventana-bif': 'Ventana',
} as const;

/** Formats whose levels lie in the file as TIFF describes them. */
const readHere: TiffFormat[] = ['aperio-svs', 'generic-tiff', 'ome-tiff', 'philips-tiff'];

/** Undefined for a file that is no TIFF; a TIFF whose table of contents makes no sense is refused with a Problem. */
export async function tiffKind(path: string): Promise<TiffKind | undefined> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const source = new TiffSource(handle, size);
    if (!(await isTiff(source))) return undefined;
    if (await isNdpi(source)) {
      return { format: 'hamamatsu-ndpi', vendor: vendors['hamamatsu-ndpi'], reader: 'openslide', pixels: null };
    }
    const directories = await readDirectories(handle, size);
    return await kindOf(directories, await readImages(directories));
  } finally {
    await handle.close();
  }
}

export async function kindOf(directories: TiffDirectory[], images: TiffImage[]): Promise<TiffKind> {
  const format = await formatOf(directories[0]);
  const pixels = images[0]?.layout ?? null;
  const here = readHere.includes(format) && !isForOpenSlide(format, pixels);
  return { format, vendor: vendors[format], reader: here ? 'tiff' : 'openslide', pixels };
}

async function formatOf(first: TiffDirectory | undefined): Promise<TiffFormat> {
  if (!first) return 'generic-tiff';
  const description = await first.text(tag.imageDescription);
  const software = await first.text(tag.software);
  const xmp = (await first.bytes(tag.xmp)).toString('latin1');
  if (software.startsWith('MedScan')) return 'trestle-tiff';
  if (isAperio(description)) return 'aperio-svs';
  if ((await first.text(tag.make)).startsWith('Huron')) return 'huron-tiff';
  if (first.has(tag.argosMetadata)) return 'argos-avs';
  if (description.includes('http://www.leica-microsystems.com/scn/2010/')) return 'leica-scn';
  if (software.startsWith('Philips') && description.includes('DPUfsImport')) return 'philips-tiff';
  if (xmp.includes('iScan')) return 'ventana-bif';
  if (/<(\w+:)?OME\b/.test(description)) return 'ome-tiff';
  return 'generic-tiff';
}

/** Of Zstandard OpenSlide reads the plain pyramids only. */
function isForOpenSlide(format: TiffFormat, pixels: PixelLayout | null): boolean {
  if (!pixels) return false;
  if (jpeg2000Compressions.includes(pixels.compression)) return true;
  return pixels.compression === compression.zstd && format === 'generic-tiff' && pixels.tiled;
}
