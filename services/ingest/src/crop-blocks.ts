import type { CropPlan, PlannedCrop } from '@stroma/wsi/crop-plan';

/** The tiles that a plan's crops are cut from, and the distance between crops, in px of the level. */
export interface BlockGrid {
  tileWidth: number;
  tileHeight: number;
  /** Of a crop, at its own mpp. */
  sizePx: number;
  strideX: number;
  strideY: number;
}

/** Crops of a block: few enough that a small slide gives work to every core, many enough that few tiles are shared. */
const leastSide = 8;
/** px of all its crops along a side, at their own mpp: some 10 MB of JPEG are held for each block under way. */
const mostPx = 4608;
const blocksWanted = 16;

/**
 * The crops in the order in which they are cut and stored: rectangles of the level one after another, each row by row.
 * A rectangle ends where a tile ends, so that two of them share at most the tiles that a crop on the border reaches
 * into; where a whole number of strides is a whole number of tiles they share none. The order follows from the plan
 * alone, whatever number of processes cuts it.
 */
export function cropBlocks({ crops }: Pick<CropPlan, 'crops'>, grid: BlockGrid): PlannedCrop[][] {
  const wanted = Math.min(mostPx / grid.sizePx, Math.max(leastSide, Math.sqrt(crops.length / blocksWanted)));
  const width = wholeTiles(grid.tileWidth, grid.strideX, wanted);
  // A tile may be as wide as the slide: then the block is as low as its tiles allow.
  const rows = (wanted * wanted * grid.strideX) / width;
  const height = wholeTiles(grid.tileHeight, grid.strideY, Math.min(wanted, Math.max(1, rows)));
  const blocks = new Map<string, PlannedCrop[]>();
  for (const crop of crops) {
    const key = `${Math.floor(crop.top / height)},${Math.floor(crop.left / width)}`;
    const block = blocks.get(key);
    if (block) block.push(crop);
    else blocks.set(key, [crop]);
  }
  // Blocks that begin in the same row of crops came in order of columns; one may begin in a later row.
  return [...blocks.entries()].sort(([a], [b]) => compareKeys(a, b)).map(([, block]) => block);
}

/** A whole number of tiles near this many strides; of strides too, when that is not much longer. */
function wholeTiles(tile: number, stride: number, strides: number): number {
  const wanted = strides * stride;
  const both = Number.isInteger(stride) ? (tile * stride) / greatestDivisor(tile, stride) : Number.POSITIVE_INFINITY;
  const step = both <= 2 * wanted ? both : tile;
  return step * Math.max(1, Math.round(wanted / step));
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

function compareKeys(a: string, b: string): number {
  const [rowA = 0, columnA = 0] = a.split(',').map(Number);
  const [rowB = 0, columnB = 0] = b.split(',').map(Number);
  return rowA - rowB || columnA - columnB;
}
