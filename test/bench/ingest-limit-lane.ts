/**
 * One lane of the limit: decodes and encodes from memory to memory in a plain loop, with nothing else in the process.
 * Started by ingest-limit.ts, which says when; answers how many crops it made and the time it computed.
 */
import { once } from 'node:events';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import type { CropGrid } from '@stroma/core/crop-grid';
import type { PixelSpacing } from '@stroma/core/units';
import type { CutJob } from '@stroma/ingest/cutter/messages';
import { planSlide } from '@stroma/ingest/cutter/plan-slide';
import { rowsOf, slice } from '@stroma/ingest/number-table';
import { TileWindow } from '@stroma/ingest/tile-window';
import type { PlannedCrop } from '@stroma/wsi/crop-plan';
import { decodeJpegSync, encodedRoom, encodeJpegSync } from '@stroma/wsi/jpeg-sync';
import { openSlide } from '@stroma/wsi/open-slide';
import { resample } from '@stroma/wsi/resample';
import type { SlideFile } from '@stroma/wsi/slide-file';

export interface LaneTask {
  file: string;
  spacing0: PixelSpacing;
  mpp: number;
  grid: CropGrid;
  seconds: number;
}

export interface LaneWarm {
  /** Tiles of the slide that its crops need, each counted once. */
  tilesPerCrop: number;
}

export interface LaneAnswer {
  crops: number;
  seconds: number;
  cpuSeconds: number;
}

/** Out of the middle of the slide. */
const mostCrops = 200;

const [{ file, spacing0, mpp, grid, seconds }] = (await once(process, 'message')) as [LaneTask];
const slide = await openSlide(file);
const recipe = cropRecipe(mpp, grid);
const { job, crops } = await planSlide(slide, file, { id: 0, slideId: '', name: file, spacing0, recipe });
const from = Math.max(0, Math.floor(crops.length / 2) - mostCrops / 2);
const some = rowsOf(slice(crops, from, Math.min(crops.length, from + mostCrops)));
const tilesPerCrop = tilesOf(slide, job, rowsOf(crops)).size / crops.length;
const tiles = await storedTiles(slide, job, some);
const pixels = await cropPixels(slide, job, some);
await slide.close();

const out = Buffer.allocUnsafeSlow(encodedRoom(job.sizePx, job.sizePx));
let into = Buffer.allocUnsafeSlow(1);
let tile = 0;
/** Decodes as many tiles a crop as the slide has, on the average. */
function make(count: number): void {
  for (let i = 0; i < count; i += 1) {
    for (; tile < (i + 1) * tilesPerCrop; tile += 1) {
      into = decodeJpegSync(tiles[tile % tiles.length] ?? out, into).data as typeof into;
    }
    encodeJpegSync(pixels[i % pixels.length] ?? out, job.sizePx, job.sizePx, 90, out);
  }
  tile = 0;
}

make(pixels.length);
process.send?.({ tilesPerCrop } satisfies LaneWarm);
await once(process, 'message');
const startedAt = performance.now();
const cpu = process.cpuUsage();
let made = 0;
while (performance.now() - startedAt < 1000 * seconds) {
  make(pixels.length);
  made += pixels.length;
}
const { user, system } = process.cpuUsage(cpu);
const took = (performance.now() - startedAt) / 1000;
process.send?.({ crops: made, seconds: took, cpuSeconds: (user + system) / 1e6 } satisfies LaneAnswer, () =>
  process.exit(0),
);

async function storedTiles(slide: SlideFile, job: CutJob, crops: PlannedCrop[]): Promise<Buffer[]> {
  const { tileWidth, width } = slide.level(job.level);
  const across = Math.ceil(width / tileWidth);
  const some = [...tilesOf(slide, job, crops)].slice(0, mostCrops);
  return await Promise.all(some.map((ix) => slide.tile(job.level, ix % across, Math.floor(ix / across))));
}

async function cropPixels(slide: SlideFile, job: CutJob, crops: PlannedCrop[]): Promise<Buffer[]> {
  const { level, readWidth: width, readHeight: height, sizePx } = job;
  const window = new TileWindow(slide, level, job, crops);
  const out: Buffer[] = [];
  for (let ix = 0; ix < crops.length; ix += 1) {
    await window.cut(ix);
    out.push(Buffer.from(await resample({ data: window.pixels, width, height }, sizePx, sizePx)));
  }
  return out;
}

function tilesOf(slide: SlideFile, { level, readWidth, readHeight }: CutJob, crops: PlannedCrop[]): Set<number> {
  const { tileWidth, tileHeight, width, height } = slide.level(level);
  const across = Math.ceil(width / tileWidth);
  const indexes = new Set<number>();
  for (const { left, top } of crops) {
    const right = Math.min(left + readWidth, width);
    const bottom = Math.min(top + readHeight, height);
    for (let row = Math.floor(top / tileHeight); row * tileHeight < bottom; row += 1) {
      for (let column = Math.floor(left / tileWidth); column * tileWidth < right; column += 1) {
        indexes.add(row * across + column);
      }
    }
  }
  return indexes;
}
