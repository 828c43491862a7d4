import { exportRemedy, refuse, refuseContents } from '../refusal.ts';
import { compression } from './tags.ts';
import type { TileTable } from './tile-table.ts';

/** Of the strips under one row of display tiles, which are held decoded: 144 MB of RGB. */
const maxRowPixels = 48 * 1024 * 1024;
/** Highest first: the wider the image, the fewer rows are held decoded at once. */
const displayHeights = [256, 128, 64, 32, 16];
/** Bytes of a piece that one read takes out of an uncompressed strip. */
const wantedBytes = 2 * 1024 * 1024;

/** How high the display tiles of a level in strips are; undefined when its strips are too large to be read at all. */
export function displayTileHeight({ width, tileHeight }: Pick<TileTable, 'width' | 'tileHeight'>): number | undefined {
  return displayHeights.find((rows) => width * (rows + 2 * tileHeight) <= maxRowPixels);
}

/**
 * A strip may hold a whole slide. Without compression every row can be found, so that such strips are read in pieces
 * of fewer rows; a compressed one has to be decoded as a whole and is refused when it is too large for that.
 */
export function splitStrips(table: TileTable, where: string): TileTable {
  const { width, height, tileHeight, layout } = table;
  if (layout.compression !== compression.none || layout.planar) return checked(table, where);
  const rowBytes = width * layout.samples;
  if (rowBytes * tileHeight <= wantedBytes) return checked(table, where);
  // The pieces must fit every strip; a strip that holds the whole image sets no such limit.
  const most = Math.max(1, Math.floor(wantedBytes / rowBytes));
  const rows = tileHeight >= height ? most : largestDivisor(tileHeight, most);
  const down = Math.ceil(height / rows);
  const offsets = new Float64Array(down);
  const counts = new Float64Array(down);
  for (let piece = 0; piece < down; piece += 1) {
    const strip = Math.floor((piece * rows) / tileHeight);
    const skipped = (piece * rows - strip * tileHeight) * rowBytes;
    const bytes = Math.min(rows, height - piece * rows) * rowBytes;
    const stored = table.counts[strip] ?? 0;
    if (stored === 0) continue;
    if (skipped + bytes > stored) refuseContents(`strips of ${tileHeight * rowBytes} bytes`, `${stored} bytes`, where);
    offsets[piece] = (table.offsets[strip] ?? 0) + skipped;
    counts[piece] = bytes;
  }
  return checked({ ...table, tileHeight: rows, down, offsets, counts }, where);
}

function checked(table: TileTable, where: string): TileTable {
  if (displayTileHeight(table) !== undefined) return table;
  refuse('strip_size', {
    message: 'The slide’s image can only be read as a whole, and it is too large for that.',
    expected: `tiles, or strips of at most ${maxRowPixels / 2} px`,
    found: `strips of ${table.width} × ${table.tileHeight} px`,
    where,
    remedy: exportRemedy,
  });
}

function largestDivisor(of: number, most: number): number {
  for (let divisor = Math.min(most, of); divisor > 1; divisor -= 1) if (of % divisor === 0) return divisor;
  return 1;
}
