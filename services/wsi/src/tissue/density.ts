/** Optical density, log10, of an 8-bit value against pure white. */
export const density = Float32Array.from({ length: 256 }, (_, value) => -Math.log10(Math.max(value, 1) / 255));

/**
 * Ink by what it absorbs, in optical densities. Haematoxylin (0.65, 0.70, 0.29), eosin (0.07, 0.99, 0.11) and DAB
 * (0.27, 0.57, 0.78; Ruifrok and Johnston 2001) all absorb green at least as much as red. Blue and green ink absorb red
 * far more than green; red ink absorbs blue nearly as much as green and hardly any red.
 */
export function isInk(red: number, green: number, blue: number): boolean {
  if (red >= minInkDensity) return green < (red >= minDenseInk ? maxGreenToRedOverTissue : maxGreenToRed) * red;
  return green >= minRedInkDensity && blue >= minBlueToGreen * green && red < maxRedToGreen * green;
}

/** Pale blue counterstain stays below it. */
const minInkDensity = 0.25;
const maxGreenToRed = 0.75;
/** Over tissue the stain adds green; so much red is absorbed by dense nuclei only, and they absorb green still more. */
const minDenseInk = 0.5;
const maxGreenToRedOverTissue = 0.88;
/** Eosin and erythrocytes are paler once averaged over some µm. */
const minRedInkDensity = 0.55;
const minBlueToGreen = 0.62;
const maxRedToGreen = 0.25;

/** Black ink, edges and dirt: all three channels alike, and much of each. Stained nuclei keep a colour of their own. */
export function isBlack(red: number, green: number, blue: number): boolean {
  const mean = (red + green + blue) / 3;
  const colour = (Math.max(red, green, blue) - Math.min(red, green, blue)) / mean;
  return mean >= minBlackDensity && colour <= (mean >= minDenseBlack ? maxColourOverTissue : maxBlackColour);
}

const minBlackDensity = 0.45;
const maxBlackColour = 0.2;
/** Black ink over tissue keeps some of the stain's colour. */
const minDenseBlack = 0.9;
const maxColourOverTissue = 0.3;
