import { copyRemedy, exportRemedy, refuse } from '../refusal.ts';
import type { TiffDirectory } from './directory.ts';
import { tag } from './tags.ts';

/** Twenty times the longest slide ever scanned; a file that claims more is damaged. */
const maxSide = 4_000_000;
const minTileSide = 8;
const maxTileSide = 4096;

/** Where the tiles of one tiled image lie in the file, row by row. */
export interface TileTable {
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  across: number;
  down: number;
  /** Bytes from the start of the file; a count of 0 means that the scanner stored no tile there. */
  offsets: ArrayLike<number>;
  counts: ArrayLike<number>;
  /** The shared JPEG segments without SOI and EOI; empty when every tile brings its own. */
  tables: Buffer;
  /** Photometric 2: the JPEG holds RGB as it is. */
  rgb: boolean;
}

export async function readTileTable(directory: TiffDirectory, fileSize: number): Promise<TileTable> {
  const where = `image directory ${directory.index}`;
  const width = (await directory.number(tag.imageWidth)) ?? 0;
  const height = (await directory.number(tag.imageLength)) ?? 0;
  const tileWidth = (await directory.number(tag.tileWidth)) ?? 0;
  const tileHeight = (await directory.number(tag.tileLength)) ?? 0;
  if (!isSide(width, 1, maxSide) || !isSide(height, 1, maxSide)) {
    refuse('dimensions', {
      message: 'The slide’s stated size cannot be true.',
      expected: `1 to ${maxSide} px a side`,
      found: `${width} × ${height} px`,
      where,
      remedy: exportRemedy,
    });
  }
  if (!isSide(tileWidth, minTileSide, maxTileSide) || !isSide(tileHeight, minTileSide, maxTileSide)) {
    refuse('tile_size', {
      message: 'The slide’s tiles have a size that cannot be read.',
      expected: `${minTileSide} to ${maxTileSide} px a side`,
      found: `${tileWidth} × ${tileHeight} px`,
      where,
      remedy: exportRemedy,
    });
  }
  const across = Math.ceil(width / tileWidth);
  const down = Math.ceil(height / tileHeight);
  const expected = across * down;
  if (directory.count(tag.tileOffsets) !== expected || directory.count(tag.tileByteCounts) !== expected) {
    refuse('tile_count', {
      message: 'The file’s list of tiles does not fit the slide’s size; the file is damaged.',
      expected: `${expected} tiles (${across} × ${down})`,
      found: `${directory.count(tag.tileOffsets)} positions and ${directory.count(tag.tileByteCounts)} lengths`,
      where,
      remedy: copyRemedy,
    });
  }
  const offsets = await directory.list(tag.tileOffsets);
  const counts = await directory.list(tag.tileByteCounts);
  checkInsideFile({ offsets, counts }, fileSize, where);
  const tables = withoutFrame(await directory.bytes(tag.jpegTables));
  const rgb = (await directory.number(tag.photometric)) === 2;
  return { width, height, tileWidth, tileHeight, across, down, offsets, counts, tables, rgb };
}

function isSide(px: number, least: number, most: number): boolean {
  return Number.isInteger(px) && px >= least && px <= most;
}

function checkInsideFile({ offsets, counts }: Pick<TileTable, 'offsets' | 'counts'>, fileSize: number, where: string) {
  let missing = 0;
  let end = 0;
  for (let i = 0; i < offsets.length; i += 1) {
    const tileEnd = (offsets[i] ?? 0) + (counts[i] ?? 0);
    if ((counts[i] ?? 0) === 0 || tileEnd <= fileSize) continue;
    missing += 1;
    end = Math.max(end, tileEnd);
  }
  if (missing === 0) return;
  refuse('truncated', {
    message: 'The file ends too early: a part of the slide is missing.',
    expected: `at least ${end} bytes`,
    found: `${fileSize} bytes; ${missing} of ${offsets.length} tiles lie beyond the end`,
    where,
    remedy: copyRemedy,
  });
}

/** JPEGTables is a stream of its own: SOI, tables, EOI. */
function withoutFrame(stream: Buffer): Buffer {
  const start = stream[0] === 0xff && stream[1] === 0xd8 ? 2 : 0;
  const end = stream.at(-2) === 0xff && stream.at(-1) === 0xd9 ? stream.length - 2 : stream.length;
  return stream.subarray(start, Math.max(start, end));
}
