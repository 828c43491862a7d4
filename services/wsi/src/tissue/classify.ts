import type { RgbImage } from '../jpeg.ts';
import { spread } from './areas.ts';
import { tissueClass } from './classes.ts';
import { eachComponent, withoutSmall } from './components.ts';
import { density, isBlack, isInk } from './density.ts';
import { findFolds, type StainDensities } from './folds.ts';
import { type Glass, glassColour } from './glass.ts';
import { findOutOfFocus } from './out-of-focus.ts';

/** Holes and specks narrower than this many µm are closed and dropped. */
const smoothingMicrons = 12;
/** A stroke's pale rim, and ink that has run. */
const inkRimMicrons = 24;
/** Smaller pieces of ink are pigment, dust or a coloured nucleus; smaller folds are dense spots. */
const minInkMm2 = 0.02;
const minFoldMm2 = 0.01;
const minBlurMm2 = 0.1;
const foldMicrons = 40;
const focusMicrons = 80;

/**
 * Optical densities against this slide's glass. Otsu's threshold, as TRIDENT's and CLAM's baselines use it on saturation,
 * falls between dense and faint tissue where a slide has both; so the threshold follows the glass instead: some times its
 * spread, between what scanners' noise needs and what faint stroma has.
 */
const [minDensity, mostMinDensity, spreads] = [0.03, 0.07, 4] as const;
/** Shadows and dirt are grey; the palest mixture, brown over blue, still has this much colour. */
const minColour = 0.02;
/** Stains absorb green; yellowed mounting medium and bluish shadows do not. */
const minGreenToRed = 0.75;

/** The class of every px of an overview with px of this many µm. */
export function classify(picture: RgbImage, pixelMicrons: number): Uint8Array {
  const { width, height } = picture;
  const px = (microns: number, most: number) => Math.max(1, Math.min(most, Math.round(microns / pixelMicrons / 2)));
  const area = (mm2: number) => Math.max(4, Math.round((mm2 * 1e6) / pixelMicrons ** 2));
  const found = colours(picture);
  const ink = wide(found.ink, width, height, area(minInkMm2), px(inkRimMicrons, 8));
  const { atRim, inside } = blackPieces(found.black, width, height, area(minInkMm2));
  const pen = wide(inside, width, height, 1, px(inkRimMicrons, 8));
  const tissue = spread(found.stained, width, height, px(smoothingMicrons, 8), 0.5);
  for (let i = 0; i < tissue.length; i += 1) if (ink[i] === 1 || pen[i] === 1 || atRim[i] === 1) tissue[i] = 0;
  const foldRadius = px(foldMicrons, 8);
  const foldCores = withoutSmall(
    findFolds(tissue, width, height, found.densities, foldRadius),
    width,
    height,
    area(minFoldMm2),
  );
  // The square's average is below the threshold at a fold's rim.
  const folds = spread(foldCores, width, height, Math.ceil(foldRadius / 3), 0);
  const blurred = withoutSmall(
    findOutOfFocus(tissue, width, height, found.densities.mean, px(focusMicrons, 15)),
    width,
    height,
    area(minBlurMm2),
  );
  return tissue.map((isTissue, i) => {
    if (ink[i] === 1 || pen[i] === 1) return tissueClass.pen;
    if (atRim[i] === 1) return tissueClass.dark;
    if (isTissue === 0) return tissueClass.glass;
    if (folds[i] === 1) return tissueClass.fold;
    return blurred[i] === 1 ? tissueClass.blurred : tissueClass.tissue;
  });
}

function colours({ data, width, height }: RgbImage) {
  const glass: Glass = glassColour({ data: data as Buffer, width, height });
  const size = width * height;
  const least = Math.min(mostMinDensity, Math.max(minDensity, spreads * glass.spread));
  const stained = new Uint8Array(size);
  const ink = new Uint8Array(size);
  const black = new Uint8Array(size);
  const densities: StainDensities = {
    mean: new Uint16Array(size),
    red: new Uint16Array(size),
    green: new Uint16Array(size),
  };
  for (let i = 0; i < size; i += 1) {
    const red = Math.max(0, (density[data[3 * i] ?? 0] ?? 0) - glass.red);
    const green = Math.max(0, (density[data[3 * i + 1] ?? 0] ?? 0) - glass.green);
    const blue = Math.max(0, (density[data[3 * i + 2] ?? 0] ?? 0) - glass.blue);
    const mean = (red + green + blue) / 3;
    const colour = Math.max(red, green, blue) - Math.min(red, green, blue);
    densities.mean[i] = 1000 * mean;
    densities.red[i] = 1000 * red;
    densities.green[i] = 1000 * green;
    if (isBlack(red, green, blue)) black[i] = 1;
    else if (isInk(red, green, blue)) ink[i] = 1;
    else if (mean >= least && colour >= minColour && green >= minGreenToRed * red) stained[i] = 1;
  }
  return { stained, ink, black, densities };
}

function wide(mask: Uint8Array, width: number, height: number, least: number, radius: number): Uint8Array {
  return spread(withoutSmall(mask, width, height, least), width, height, radius, 0);
}

/** Black that reaches the slide's rim was not scanned or is an edge; large pieces inside are ink, small ones dust. */
function blackPieces(black: Uint8Array, width: number, height: number, least: number) {
  const atRim = new Uint8Array(black.length);
  const inside = new Uint8Array(black.length);
  eachComponent(black, width, height, ({ pixels, touchesRim }) => {
    if (!touchesRim && pixels.length < least) return;
    const piece = touchesRim ? atRim : inside;
    for (const index of pixels) piece[index] = 1;
  });
  return { atRim, inside };
}
