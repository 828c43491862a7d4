import type { RgbImage } from '../jpeg.ts';
import { density } from './density.ts';

/** The slide's empty glass as this scanner sees it, in optical densities against pure white. */
export interface Glass {
  red: number;
  green: number;
  blue: number;
  /** How far glass strays from that colour. */
  spread: number;
}

/** Scanners' glass is between 180 and 252; brighter is what was not scanned and is painted white. */
const darkestGlass = 180;
const paintedWhite = 253;
/** A peak of the brightness counts as glass from this share of what was scanned. */
const minShare = 0.02;
/** White, grey, cream and bluish glass; stains absorb green more than both other channels. */
const maxColour = 0.06;
const maxGreenExcess = 0.012;
const none: Glass = { red: 0, green: 0, blue: 0, spread: 0 };

/**
 * The brightest frequent colour that is nearly neutral. A slide full of tissue has none: then glass is white. Thresholds
 * against it, rather than against white, keep grey and cream backgrounds out of the tissue.
 */
export function glassColour({ data }: RgbImage): Glass {
  const counts = new Uint32Array(256);
  let scanned = 0;
  for (let at = 0; at < data.length; at += 3) {
    const r = data[at] ?? 0;
    const g = data[at + 1] ?? 0;
    const b = data[at + 2] ?? 0;
    if (Math.min(r, g, b) >= paintedWhite || Math.max(r, g, b) <= 12) continue;
    scanned += 1;
    if (isNeutral(r, g, b)) counts[g] = (counts[g] ?? 0) + 1;
  }
  const peak = brightestPeak(counts, minShare * scanned);
  if (peak === undefined) return none;
  let [red, green, blue, squares, count] = [0, 0, 0, 0, 0];
  for (let at = 0; at < data.length; at += 3) {
    const r = data[at] ?? 0;
    const g = data[at + 1] ?? 0;
    const b = data[at + 2] ?? 0;
    if (Math.abs(g - peak) > 6 || !isNeutral(r, g, b) || Math.min(r, g, b) >= paintedWhite) continue;
    red += density[r] ?? 0;
    green += density[g] ?? 0;
    blue += density[b] ?? 0;
    squares += (g - peak) ** 2;
    count += 1;
  }
  const spread = (Math.sqrt(squares / count) / peak) * Math.LOG10E;
  return { red: red / count, green: green / count, blue: blue / count, spread };
}

function isNeutral(r: number, g: number, b: number): boolean {
  if (g < darkestGlass) return false;
  const red = density[r] ?? 0;
  const green = density[g] ?? 0;
  const blue = density[b] ?? 0;
  const colour = Math.max(red, green, blue) - Math.min(red, green, blue);
  return colour <= maxColour && green - Math.max(red, blue) <= maxGreenExcess;
}

/** The first peak from the bright end, counted over three neighbouring values. */
function brightestPeak(counts: Uint32Array, least: number): number | undefined {
  const at = (value: number) => (counts[value - 1] ?? 0) + (counts[value] ?? 0) + (counts[value + 1] ?? 0);
  for (let value = 254; value >= darkestGlass; value -= 1) {
    if (at(value) > 0 && at(value) >= least && at(value) >= at(value - 1) && at(value) >= at(value - 2)) return value;
  }
  return undefined;
}
