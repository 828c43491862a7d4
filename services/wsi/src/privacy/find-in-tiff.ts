import type { FileHandle } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import { tag } from '../tiff/tags.ts';
import { type TiffFormat, tiffKind } from '../tiff/tiff-kind.ts';
import { findInXml } from './find-in-xml.ts';
import { type Findings, maskedHint } from './identifier.ts';
import { hasJpegText } from './scrub-jpeg.ts';
import { type TiffFields, TiffFile } from './tiff-fields.ts';
import { aperioKinds, tiffTagKinds } from './tiff-identifiers.ts';
import { sortImages } from './tiff-images.ts';
import type { XmlVendor } from './xml-identifiers.ts';

/** Formats whose ImageDescription is XML. */
const xmlVendors: Partial<Record<TiffFormat, XmlVendor>> = {
  'ome-tiff': 'ome',
  'philips-tiff': 'philips',
  'leica-scn': 'leica',
};

const exif = 34665;
const gps = 34853;
const firstPrivateTag = 32768;
/** Private by number, but with a meaning that names nobody: SGI's depth, NDPI's optics and tile starts, the pyramid's own. */
const harmless = new Set([32995, 32996, 32997, 32998, 65420, 65421, 65422, 65423, 65424, 65426, exif, gps]);
/** Scanners leave tiles of bare glass out; among so many one is stored. */
const firstTiles = 65_536;
/** Enough of a tile to see the segments before its scan. */
const tileHead = 64 * 1024;

export async function findInTiff(handle: FileHandle, path: string, findings: Findings): Promise<void> {
  const { size } = await handle.stat();
  const file = await TiffFile.read(handle, size);
  const format = (await tiffKind(path))?.format ?? 'generic-tiff';
  const vendor = xmlVendors[format];
  const { others } = await sortImages(file, format);
  for (const { image, name } of others) {
    const where = `image directory ${image.directory.index}`;
    findings.add(`image.${name}`, where, `${image.width} × ${image.height} px`);
  }
  for (const directory of file.directories) {
    await findInFields(file, directory.fields, `image directory ${directory.index}`, findings);
    for (const pointer of [exif, gps]) await findBehind(file, directory, pointer, findings);
    await findInTiles(file, directory, handle, findings);
    const where = `ImageDescription of image directory ${directory.index}`;
    const description = await file.text(directory, tag.imageDescription);
    if (vendor && /^\s*</.test(description)) {
      findInXml(description, vendor, where, findings);
    } else if (format === 'aperio-svs') findInAperio(description, where, findings);
    else if (!/^(label|macro)\s*$/i.test(description)) findings.addText('tiff.description', where, description);
    if (format !== 'ventana-bif') continue;
    findInXml(await file.text(directory, tag.xmp), 'ventana', `XMP of image directory ${directory.index}`, findings);
  }
}

async function findInFields(file: TiffFile, fields: TiffFields['fields'], where: string, findings: Findings) {
  for (const field of fields.values()) {
    // Descriptions are looked into by those who know their form.
    if (field.tag === tag.imageDescription) continue;
    const kind = tiffTagKinds.get(field.tag) ?? (isPrivate(field.tag) ? 'tiff.private' : undefined);
    if (!kind) continue;
    const bytes = await file.bytes(field, 1024);
    const isText = field.type === 2;
    const text = isText ? bytes.toString('utf8').split('\0')[0] : undefined;
    if (isText && !text?.trim()) continue;
    findings.add(kind, `${where}, tag ${field.tag}`, text ? maskedHint(text) : `${field.bytes} bytes`);
  }
}

async function findBehind(file: TiffFile, directory: TiffFields, pointer: number, findings: Findings): Promise<void> {
  const offset = await file.number(directory, pointer);
  if (offset === undefined) return;
  const where = `${pointer === gps ? 'GPS' : 'EXIF'} of image directory ${directory.index}`;
  if (pointer === gps) findings.add('tiff.gps', where);
  try {
    const { fields } = await file.fieldsAt(offset, where);
    if (pointer === exif) await findInFields(file, fields, where, findings);
  } catch (error) {
    if (!(error instanceof StromaError)) throw error;
    findings.add('file.unread', where);
  }
}

function isPrivate(number: number): boolean {
  return number >= firstPrivateTag && !harmless.has(number) && !standardPrivate.has(number);
}

/** YCbCr and JPEG tags have small numbers; of the large ones these belong to pixels. */
const standardPrivate = new Set([33550, 33922, 34735, 34736, 34737, 33421, 33422]);

/** The first tile of an image stands for all: a scanner writes the same segments into each. */
async function findInTiles(file: TiffFile, directory: TiffFields, handle: FileHandle, findings: Findings) {
  const tiled = directory.fields.has(tag.tileOffsets);
  const offsets = await file.numbers(directory, tiled ? tag.tileOffsets : 273, firstTiles);
  const counts = await file.numbers(directory, tiled ? tag.tileByteCounts : 279, firstTiles);
  const index = counts.findIndex((count) => count > 0);
  if (index < 0) return;
  const bytes = Buffer.alloc(Math.min(counts[index] ?? 0, tileHead));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, offsets[index] ?? 0);
  if (!hasJpegText(bytes.subarray(0, bytesRead))) return;
  findings.add('jpeg.comment', `first tile of image directory ${directory.index}`);
}

/** A first line, then `|key = value` pairs; exporters put one header behind another. */
function findInAperio(description: string, where: string, findings: Findings): void {
  for (const pair of description.split(/[|;]/).slice(1)) {
    const [key = '', ...rest] = pair.split('=');
    const value = rest.join('=').trim();
    const known = aperioKinds.get(key.trim().toLowerCase());
    if (known) findings.addText(known, `${where}, “${key.trim()}”`, value);
    // The name of an unknown key is a text of the file too, and is not told.
    else if (rest.length > 0 && !/^[-+]?[\d.,]+$/.test(value)) findings.addText('aperio.other', where, value);
  }
}
