import type { CropRecipe } from '@stroma/core/contract/crop-recipe';
import type { Problem } from '@stroma/core/errors';
import type { PixelSpacing } from '@stroma/core/units';
import type { PlannedCrop } from '@stroma/wsi/crop-plan';
import type { CropQuality } from '@stroma/wsi/crop-quality';
import type { NumberTable } from '../number-table.ts';
import type { ReadSize } from '../tile-window.ts';

/** What the worker and the process that cuts for it say to each other. */

/** A slide with the recipe that its crops are cut by. */
export interface SlideToCut {
  id: number;
  slideId: string;
  name: string;
  spacing0: PixelSpacing | null;
  recipe: CropRecipe;
}

/** What every crop's .json says besides its own place. */
export interface CropContext {
  slide_id: string;
  /** The code the slide goes by outside (core/coded-name); the key is the whole id, because a WebDataset key ends at its first dot. */
  slide_name: string;
  /** Sides of a crop in level-0 px. */
  size0_x: number;
  size0_y: number;
  mpp: number;
}

/** What is the same for all blocks of a slide. */
export interface CutJob extends ReadSize {
  file: string;
  level: number;
  sizePx: number;
  /** The slide's own tiles are its crops and are copied; see stored-tiles.ts. */
  copyTiles: boolean;
  context: CropContext;
}

export type PlannedTable = NumberTable<keyof PlannedCrop>;

export interface PlannedSlide {
  job: CutJob;
  /** What the crops really have, after choosing a level and rounding. */
  effective: PixelSpacing;
  /** Share of the slide that is tissue. */
  tissueFraction: number;
  unreadableTiles: number;
  cpuSeconds: number;
  /** Block after block, see crop-blocks.ts. */
  crops: PlannedTable;
  blockSizes: number[];
  /** Of the level that is cut, to say where a tile lies on the slide. */
  tiles: { across: number; width0: number; height0: number };
}

/** A crop that was cut: its index in the block and where its JPEG lies in the block's bytes. NaN was not measured. */
export type CutRow = Record<'ix' | 'offset' | 'length' | keyof CropQuality, number>;

export interface CutBlock {
  rows: NumberTable<keyof CutRow>;
  bytes: number;
  /** Row × tiles across + column, each named once. */
  unreadableTiles: number[];
  decodedTiles: number;
  copiedCrops: number;
  /** Of all threads, for this block. */
  cpuSeconds: number;
  /** Which process cut it, and the most memory that it ever held. */
  pid: number;
  peakRssBytes: number;
}

/** Where crops lie in a shard. */
export type PlacesInShard = NumberTable<'offset' | 'length'>;

/** Asks to write the tar entries of the block that was cut first and is not written yet. */
export interface WriteEntries {
  kind: 'write';
  file: string;
  offset: number;
}

export type ToCutter =
  | { kind: 'plan'; file: string; set: SlideToCut }
  | { kind: 'block'; job: CutJob; crops: PlannedTable }
  | WriteEntries
  /** What the pixels of crops say that were copied. */
  | { kind: 'measure'; file: string; places: PlacesInShard }
  | { kind: 'close' };

/** Answers come in the order of the requests, those to writing in an order of their own. */
export type FromCutter =
  | { kind: 'alive' }
  | { kind: 'planned'; answer: PlannedSlide }
  | { kind: 'cut'; answer: CutBlock }
  | { kind: 'written' }
  | { kind: 'unwritten'; problem: Problem }
  | { kind: 'measured'; answer: NumberTable<keyof CropQuality> }
  | { kind: 'failed'; problem: Problem; status: number };
