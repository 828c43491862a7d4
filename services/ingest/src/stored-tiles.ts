import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import type { Scale } from '@stroma/wsi/crop-plan';
import { jpegHeader } from '@stroma/wsi/jpeg-header';
import type { SlideFile } from '@stroma/wsi/slide-file';

/**
 * True when the slide's own tiles are the crops: same size, same mpp, same grid. Then the scanner's bytes are copied,
 * which is faster than the codec and loses nothing; only crops on the slide's far edges are cut.
 */
export function tilesAreCrops(slide: SlideFile, plan: Scale, recipe: CropRecipe): boolean {
  const level = slide.level(plan.level);
  if (!slide.storedTiles?.(plan.level)) return false;
  const sides = [level.tileWidth, level.tileHeight, plan.readWidth, plan.readHeight];
  const { x, y } = plan.size0;
  // Over a slide of 10^6 px a tenth of a px.
  const isTile = (size0: number, downsample: number) => Math.abs(size0 / (recipe.sizePx * downsample) - 1) < 1e-7;
  return (
    isTile(x, level.downsampleX) &&
    isTile(y, level.downsampleY) &&
    sides.every((side) => side === recipe.sizePx) &&
    recipe.stridePx % recipe.sizePx === 0
  );
}

/** A marker is 0xFF and a code; in the entropy-coded scan 0xFF is followed by 0, or a restart marker (T.81, B.1.1.5). */
const startOfScan = 0xda;
const endOfImage = 0xd9;

/**
 * True for a JPEG of this side in three colours with its tables that goes on to its end marker. It looks at the stream's
 * frame, not at its pixels: a tile that was overwritten, cut off or mixed up is found, a flipped bit in a scan is not.
 */
export function isWholeJpeg(bytes: Buffer, side: number): boolean {
  const header = jpegHeader(bytes);
  if (header?.width !== side || header.height !== side || header.components !== 3 || !header.hasTables) return false;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at + 1] !== startOfScan) {
    at += bytes[at + 1] === 0xff ? 1 : 2 + bytes.readUInt16BE(at + 2);
  }
  for (at = bytes.indexOf(0xff, at + 2); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const code = bytes[at + 1];
    if (code === endOfImage) return true;
    const inScan = code === 0 || code === 0xff || (code !== undefined && code >= 0xd0 && code <= 0xd7);
    // Another scan, or tables before it: a progressive JPEG goes on behind them.
    const segment = code === startOfScan || code === 0xc4 || code === 0xdb || code === 0xfe;
    if (segment && at + 4 <= bytes.length) at += 1 + bytes.readUInt16BE(at + 2);
    else if (!inScan) return false;
  }
  return false;
}
