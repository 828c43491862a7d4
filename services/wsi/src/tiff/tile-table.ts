import { copyRemedy, refuse, refuseContents } from '../refusal.ts';
import { palette } from './colour.ts';
import type { TiffDirectory } from './directory.ts';
import type { PixelLayout } from './pixel-layout.ts';
import { splitStrips } from './strip-split.ts';
import { tag } from './tags.ts';
import { readTileGrid, type TileGrid } from './tile-grid.ts';
import { withoutComments } from './tile-jpeg.ts';

/** Where the tiles or strips of one image lie in the file, row by row. */
export interface TileTable extends TileGrid {
  /**
   * Bytes from the start of the file; a count of 0 means that the scanner stored no tile there. Where the samples are
   * stored apart, all tiles of the first come first.
   */
  offsets: ArrayLike<number>;
  counts: ArrayLike<number>;
  /** The shared JPEG segments without SOI and EOI; empty when every tile brings its own. */
  tables: Buffer;
  /** The JPEG holds RGB as it is. */
  rgb: boolean;
  layout: PixelLayout;
  /** RGB of each value, for palette images. */
  palette: Buffer | undefined;
}

export async function readTileTable(
  directory: TiffDirectory,
  layout: PixelLayout,
  fileSize: number,
): Promise<TileTable> {
  const where = `image directory ${directory.index}`;
  const grid = await readTileGrid(directory, layout);
  const [offsetsTag, countsTag] = layout.tiled
    ? [tag.tileOffsets, tag.tileByteCounts]
    : [tag.stripOffsets, tag.stripByteCounts];
  const expected = grid.across * grid.down * (layout.planar ? layout.samples : 1);
  if (directory.count(offsetsTag) !== expected || directory.count(countsTag) !== expected) {
    refuse('tile_count', {
      message: 'The file’s list of tiles does not fit the slide’s size; the file is damaged.',
      expected: `${expected} tiles (${grid.across} × ${grid.down})`,
      found: `${directory.count(offsetsTag)} positions and ${directory.count(countsTag)} lengths`,
      where,
      remedy: copyRemedy,
    });
  }
  const offsets = await directory.list(offsetsTag);
  const counts = await directory.list(countsTag);
  const mostBytes = grid.tileWidth * grid.tileHeight * layout.samples * mostGrowth + headerBytes;
  checkPlaces({ offsets, counts }, mostBytes, fileSize, where);
  const table = {
    ...grid,
    offsets,
    counts,
    tables: withoutFrame(withoutComments(await directory.bytes(tag.jpegTables))),
    rgb: layout.colour === 'rgb',
    layout,
    palette: layout.colour === 'palette' ? palette(await directory.numbers(tag.colorMap)) : undefined,
  };
  return layout.tiled ? table : splitStrips(table, where);
}

/** No compression makes noise more than twice as large; tables and headers of a tile come to less than this. */
const mostGrowth = 2;
const headerBytes = 65_536;

function checkPlaces(
  { offsets, counts }: Pick<TileTable, 'offsets' | 'counts'>,
  mostBytes: number,
  fileSize: number,
  where: string,
) {
  let missing = 0;
  let end = 0;
  for (let i = 0; i < offsets.length; i += 1) {
    const offset = offsets[i] ?? 0;
    const count = counts[i] ?? 0;
    if (count === 0) continue;
    // Tags of floating-point type could hold anything.
    if (!Number.isInteger(offset) || offset < 0 || !Number.isInteger(count) || count < 0 || count > mostBytes) {
      refuseContents(`tiles of 0 to ${mostBytes} bytes`, `tile ${i} of ${count} bytes at ${offset}`, where);
    }
    if (offset + count <= fileSize) continue;
    missing += 1;
    end = Math.max(end, offset + count);
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
