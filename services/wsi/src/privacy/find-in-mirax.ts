import type { FileHandle } from 'node:fs/promises';
import type { Findings } from './identifier.ts';
import { xmlKind } from './xml-identifiers.ts';

const maxBytes = 4 * 1024 * 1024;
/** Layers of Slidedat.ini that are pictures of the glass, not of the scan. */
const layers: [value: RegExp, kind: string][] = [
  [/SlideThumbnail$/, 'image.macro'],
  [/SlidePreview$/, 'image.thumbnail'],
  [/SlideBarcode$/, 'image.barcode'],
];

/** Slidedat.ini: `KEY = value` lines in sections. */
export async function findInMirax(handle: FileHandle, size: number, findings: Findings): Promise<void> {
  const bytes = Buffer.alloc(Math.min(size, maxBytes));
  await handle.read(bytes, 0, bytes.length, 0);
  for (const line of bytes.toString('utf8').split(/\r?\n/)) {
    const at = line.indexOf('=');
    if (at < 0) continue;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    const kind = xmlKind('mirax', key);
    if (kind) findings.addText(kind, `Slidedat.ini, ${kind.slice('mirax.'.length)}`, value);
    if (!/^NONHIER_\d+_VAL_\d+$/.test(key)) continue;
    const layer = layers.find(([pattern]) => pattern.test(value));
    if (layer) findings.add(layer[1], 'Slidedat.ini');
  }
}
