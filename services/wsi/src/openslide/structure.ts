import type { PixelSpacing } from '@stroma/core/units';
import { copyRemedy, refuse } from '../refusal.ts';
import type { SlideStructure, StructureLevel } from '../slide-structure.ts';
import { spacingOfTags } from '../tiff/resolution.ts';
import type { OpenSlideLibrary, Pointer } from './library.ts';

/** Twenty times the longest slide ever scanned; a file that claims more is damaged. */
const maxSide = 4_000_000;
/** Stored tiles outside of this are no unit to read by: strips as wide as the slide, or crumbs. */
const minTileSide = 64;
const maxTileSide = 2048;
const usualTileSide = 256;
/** µm/px. DICOM states the spacing of overviews too, so this is wider than for resolution tags. */
const finestMpp = 0.05;
const coarsestMpp = 100;

/** What OpenSlide says about an open slide. */
export function readStructure(library: OpenSlideLibrary, slide: Pointer): SlideStructure {
  const property = (name: string) => library.property(slide, `openslide.${name}`);
  const vendor = property('vendor');
  const spacing = readSpacing(property);
  const derived = readTagSpacing((name) => library.property(slide, `tiff.${name}`));
  const quirks = [...spacing.quirks, ...derived.quirks, ...boundsQuirk(property)];
  if (Number.parseInt(library.version, 10) < 4) {
    quirks.push(`read by OpenSlide ${library.version}: it has no DICOM and lacks later corrections`);
  }
  return {
    reader: 'openslide',
    format: vendor ?? 'unknown',
    vendor,
    objective: positive(property('objective-power')),
    mppDeclared: spacing.mpp,
    mppDerived: derived.spacing,
    levels: Array.from({ length: library.levelCount(slide) }, (_, level) => readLevel(library, slide, level)),
    quirks,
    associated: library.associatedImageNames(slide),
  };
}

function readLevel(library: OpenSlideLibrary, slide: Pointer, level: number): StructureLevel {
  const { width, height } = library.levelSize(slide, level);
  const downsample = library.levelDownsample(slide, level);
  if (!(width >= 1 && height >= 1 && width <= maxSide && height <= maxSide && downsample >= 1)) {
    refuse('dimensions', {
      message: 'The slide’s stated size cannot be true.',
      expected: `1 to ${maxSide} px a side`,
      found: `${width} × ${height} px, downsample ${downsample}`,
      where: `level ${level}`,
      remedy: copyRemedy,
    });
  }
  const side = (name: string) => Number(library.property(slide, `openslide.level[${level}].tile-${name}`));
  const isUsable = (px: number) => px >= minTileSide && px <= maxTileSide;
  const asStored = isUsable(side('width')) && isUsable(side('height'));
  return {
    level,
    ifd: level,
    width,
    height,
    tileWidth: asStored ? side('width') : usualTileSide,
    tileHeight: asStored ? side('height') : usualTileSide,
    // OpenSlide does not say how the pixels are stored.
    compression: 'unknown',
    downsampleX: downsample,
    downsampleY: downsample,
  };
}

function readSpacing(property: (name: string) => string | null): { mpp: PixelSpacing | null; quirks: string[] } {
  const x = positive(property('mpp-x'));
  const y = positive(property('mpp-y'));
  if (x === null || y === null) return { mpp: null, quirks: [] };
  const isPlausible = (mpp: number) => mpp >= finestMpp && mpp <= coarsestMpp;
  if (isPlausible(x) && isPlausible(y)) return { mpp: { x, y }, quirks: [] };
  return { mpp: null, quirks: [`the file says ${x} × ${y} µm/px, which no slide scanner has`] };
}

/** The resolution tags of a TIFF, which OpenSlide hands on beside what the vendor's header says. */
function readTagSpacing(tag: (name: string) => string | null): ReturnType<typeof spacingOfTags> {
  const units: Record<string, number | undefined> = { inch: 2, centimeter: 3 };
  const unit = tag('ResolutionUnit');
  // "none" is no length.
  return spacingOfTags(
    positive(tag('XResolution')),
    positive(tag('YResolution')),
    unit === null ? null : (units[unit] ?? 1),
  );
}

function boundsQuirk(property: (name: string) => string | null): string[] {
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) => property(`bounds-${name}`));
  if (!width || !height) return [];
  return [`only ${width} × ${height} px at ${x}, ${y} were scanned; the rest of the slide is white`];
}

function positive(text: string | null): number | null {
  const value = Number(text);
  return text !== null && Number.isFinite(value) && value > 0 ? value : null;
}
