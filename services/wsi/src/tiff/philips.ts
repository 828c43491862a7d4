import type { PixelSpacing } from '@stroma/core/units';
import { type Header, noHeader } from './header.ts';
import { isPlausibleMpp } from './resolution.ts';
import { type Element, elements, text, xmlRoot } from './xml.ts';

export interface PhilipsHeader extends Header {
  /** Level-0 px per px of each level, in the order of the directories; the first is 1. */
  downsamples: number[];
}

/**
 * Philips writes its header as nested DataObjects of named Attributes. A level's stored size is filled up to whole
 * tiles; only the spacings tell its true downsample, which is taken as a whole number, as OpenSlide does.
 */
export function philipsHeader(description: string): PhilipsHeader {
  const root = xmlRoot(description, 'DataObject');
  if (!root) {
    return {
      ...noHeader,
      quirks: ['the Philips header cannot be read; only the finest level is used'],
      downsamples: [1],
    };
  }
  const images = objects(attribute(root, 'PIM_DP_SCANNED_IMAGES'));
  const slide = images.find((image) => typeOf(image) === 'WSI');
  const representations = objects(attribute(slide, 'PIIM_PIXEL_DATA_REPRESENTATION_SEQUENCE'));
  const spacings = representations.map((level) => spacing(attribute(level, 'DICOM_PIXEL_SPACING')));
  const finest = spacings[0];
  const own = spacing(attribute(slide, 'DICOM_PIXEL_SPACING')) ?? finest;
  const plausible = own !== undefined && isPlausibleMpp(own.x) && isPlausibleMpp(own.y);
  const quirks = own && !plausible ? [`the Philips header says ${own.x} µm/px, which no slide scanner has`] : [];
  return {
    objective: null,
    mpp: plausible ? own : null,
    quirks,
    associated: images.flatMap((image) => {
      const type = typeOf(image);
      return type === 'LABELIMAGE' ? ['label'] : type === 'MACROIMAGE' ? ['macro'] : [];
    }),
    downsamples: finest ? downsamples(finest, spacings) : [1],
  };
}

/** Up to the first level whose spacing makes no sense. */
function downsamples(finest: PixelSpacing, spacings: (PixelSpacing | undefined)[]): number[] {
  const out = [1];
  for (const level of spacings.slice(1)) {
    const downsample = level ? Math.round((level.x / finest.x + level.y / finest.y) / 2) : 0;
    if (downsample <= (out.at(-1) ?? 1)) break;
    out.push(downsample);
  }
  return out;
}

/** Two quoted numbers in mm: between rows, then between columns. */
function spacing(found: Element | undefined): PixelSpacing | undefined {
  const [y, x] = (text(found, '#text') ?? '').replaceAll('"', ' ').trim().split(/\s+/).map(Number);
  if (!x || !y || !Number.isFinite(x) || !Number.isFinite(y)) return undefined;
  // mm as Philips writes them, e.g. 0.000226891: twelve digits take the rounding of the product away.
  return { x: Number((x * 1000).toPrecision(12)), y: Number((y * 1000).toPrecision(12)) };
}

function typeOf(image: Element): string | undefined {
  return text(attribute(image, 'PIM_DP_IMAGE_TYPE'), '#text');
}

function attribute(object: Element | undefined, name: string): Element | undefined {
  return elements(object, 'Attribute').find((one) => text(one, 'Name') === name);
}

function objects(attribute: Element | undefined): Element[] {
  return elements(attribute, 'Array').flatMap((array) => elements(array, 'DataObject'));
}
