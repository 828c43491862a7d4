import type { PixelSpacing } from '@stroma/core/units';
import type { Header } from './header.ts';
import { isPlausibleMpp } from './resolution.ts';
import { type Element, elements, text, xmlRoot } from './xml.ts';

/** OME-XML gives lengths in the unit it names, µm when it names none; written with either of Unicode's two µ. */
const micronsPerUnit: Record<string, number | undefined> = {
  '\u00b5m': 1,
  '\u03bcm': 1,
  um: 1,
  nm: 1e-3,
  mm: 1e3,
  cm: 1e4,
};
const knownNames = ['label', 'macro', 'thumbnail', 'overview'];

export interface OmeHeader extends Header {
  /** What an image of this size is, when the header names it as a picture of label or slide. */
  nameOf(width: number, height: number): string | undefined;
}

/** Of the image that is as large as the pyramid's finest level. */
export function omeHeader(description: string, width: number, height: number): OmeHeader {
  const root = xmlRoot(description, 'OME');
  if (!root) {
    const quirks = ['the OME header cannot be read'];
    return { objective: null, mpp: null, quirks, associated: [], nameOf: () => undefined };
  }
  const images = elements(root, 'Image');
  const main = images.find((image) => hasSize(image, width, height));
  const { spacing, quirks } = spacingOf(elements(main, 'Pixels')[0]);
  return {
    objective: objectiveOf(root, main),
    mpp: spacing,
    quirks: main ? quirks : ['the OME header describes no image of the slide’s size'],
    associated: [],
    nameOf(ofWidth, ofHeight) {
      const image = images.find((one) => one !== main && hasSize(one, ofWidth, ofHeight));
      const name = text(image, 'Name')?.toLowerCase() ?? '';
      return knownNames.find((known) => name.includes(known));
    },
  };
}

function hasSize(image: Element, width: number, height: number): boolean {
  const pixels = elements(image, 'Pixels')[0];
  return text(pixels, 'SizeX') === String(width) && text(pixels, 'SizeY') === String(height);
}

function spacingOf(pixels: Element | undefined): { spacing: PixelSpacing | null; quirks: string[] } {
  const x = microns(pixels, 'PhysicalSizeX');
  const y = microns(pixels, 'PhysicalSizeY');
  if (x === undefined || y === undefined) return { spacing: null, quirks: [] };
  if (isPlausibleMpp(x) && isPlausibleMpp(y)) return { spacing: { x, y }, quirks: [] };
  return { spacing: null, quirks: [`the OME header says ${x} × ${y} µm/px, which no slide scanner has`] };
}

function microns(pixels: Element | undefined, name: string): number | undefined {
  const value = Number(text(pixels, name)?.replace(',', '.'));
  const factor = micronsPerUnit[text(pixels, `${name}Unit`) ?? 'um'];
  // Twelve digits: 250 nm are 0.25 µm, not 0.25000000000000003.
  return factor === undefined || !Number.isFinite(value) ? undefined : Number((value * factor).toPrecision(12));
}

function objectiveOf(root: Element, image: Element | undefined): number | null {
  const wanted = text(elements(image, 'ObjectiveSettings')[0], 'ID');
  const objectives = elements(root, 'Instrument').flatMap((instrument) => elements(instrument, 'Objective'));
  const objective = objectives.find((one) => text(one, 'ID') === wanted);
  const magnification = Number(text(objective, 'NominalMagnification'));
  return Number.isFinite(magnification) && magnification > 0 ? magnification : null;
}
