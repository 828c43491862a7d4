import type { Rectangle } from '../slide-file.ts';
import type { StructureLevel } from '../slide-structure.ts';

/** Puts a rectangle of a level together from the tiles under it; white beyond the level. */
export async function drawRegion(
  level: Pick<StructureLevel, 'width' | 'height' | 'tileWidth' | 'tileHeight'>,
  { x, y, width, height }: Rectangle,
  pixelsOf: (column: number, row: number) => Promise<Buffer>,
): Promise<Buffer> {
  const { tileWidth, tileHeight } = level;
  const out = Buffer.alloc(width * height * 3, 255);
  const right = Math.min(x + width, level.width);
  const bottom = Math.min(y + height, level.height);
  for (let row = Math.floor(Math.max(y, 0) / tileHeight); row * tileHeight < bottom; row += 1) {
    for (let column = Math.floor(Math.max(x, 0) / tileWidth); column * tileWidth < right; column += 1) {
      const pixels = await pixelsOf(column, row);
      const tileX = column * tileWidth;
      const tileY = row * tileHeight;
      const from = Math.max(tileX, x);
      const to = Math.min(tileX + tileWidth, right);
      for (let py = Math.max(tileY, y); py < Math.min(tileY + tileHeight, bottom); py += 1) {
        const source = ((py - tileY) * tileWidth + from - tileX) * 3;
        pixels.copy(out, ((py - y) * width + from - x) * 3, source, source + (to - from) * 3);
      }
    }
  }
  return out;
}
