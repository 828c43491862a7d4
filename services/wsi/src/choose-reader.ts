import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileKind } from './file-kind.ts';
import { openSlideLibrary } from './openslide/library.ts';
import { exportRemedy, refuse } from './refusal.ts';
import type { SlideStructure } from './slide-structure.ts';
import { tiffKind } from './tiff/tiff-kind.ts';

/** Which reader a file is for, by its content; a file that is for neither is refused. Nothing is tried twice. */
export async function chooseReader(file: string): Promise<SlideStructure['reader']> {
  const head = await readHead(file);
  // An empty file is refused by the reader that most slides have.
  if (head.length === 0) return 'tiff';
  const tiff = await tiffKind(file);
  if (tiff) return tiff.reader;
  if (await isForOpenSlide(file, head)) return 'openslide';
  refuseUnknown(head);
}

const headBytes = 512;

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Where OpenSlide is not installed, a file that only it reads is refused with the remedy, any other as unknown. */
async function isForOpenSlide(file: string, head: Buffer): Promise<boolean> {
  const isKnown = (await isMirax(file)) || isHamamatsuIndex(head) || openSlideKinds.includes(fileKind(head));
  if (!isKnown && !process.env.STROMA_OPENSLIDE) return false;
  return (await openSlideLibrary().detectVendor(file)) !== null;
}

const openSlideKinds = ['a DICOM file', 'a Zeiss CZI file', 'an SQLite file'];

/** x.mrxs is a small JPEG; the slide lies in the folder x beside it. */
async function isMirax(file: string): Promise<boolean> {
  const { dir, name } = path.parse(file);
  return (await stat(path.join(dir, name, 'Slidedat.ini')).catch(() => undefined)) !== undefined;
}

/** VMS and VMU: a text that names the JPEG files beside it. */
export function isHamamatsuIndex(head: Buffer): boolean {
  return head.includes('[Virtual Microscope Specimen]') || head.includes('[Uncompressed Virtual Microscope Specimen]');
}

function refuseUnknown(head: Buffer): never {
  const kind = fileKind(head);
  refuse('unknown_format', {
    message: `This is ${kind}, not a slide.`,
    expected:
      'a TIFF or Aperio SVS, or a format that OpenSlide reads: NDPI, MIRAX, DICOM, Leica SCN, Ventana BIF, Trestle, ' +
      'Hamamatsu VMS, Sakura, Zeiss CZI (recognised by the content; the file ending does not matter)',
    found: kind,
    where: 'the first bytes of the file',
    remedy: exportRemedy,
  });
}
