import type { PlannedCrop } from '@stroma/wsi/crop-plan';
import { type CropQuality, cropQuality } from '@stroma/wsi/crop-quality';
import { encodedRoom, encodeJpegSync } from '@stroma/wsi/jpeg-sync';
import { resample } from '@stroma/wsi/resample';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { numberTable, rowsOf } from '../number-table.ts';
import { isWholeJpeg } from '../stored-tiles.ts';
import { TileRuns } from '../tile-runs.ts';
import { TileWindow } from '../tile-window.ts';
import { cpuSince } from './cpu-since.ts';
import type { CutBlock, CutJob, CutRow, PlannedTable } from './messages.ts';
import type { Entries, Segment } from './segment.ts';

/** Quality 90 without colour subsampling: below it nuclear chromatin loses visible detail. */
const jpegQuality = 90;
const keys = [
  'ix',
  'offset',
  'length',
  'sharpness',
  'pen',
  'saturation',
  'darkness',
] as const satisfies (keyof CutRow)[];

/** A copied crop is measured later, see measure-crops.ts. */
const unmeasured: CropQuality = {
  sharpness: Number.NaN,
  pen: Number.NaN,
  saturation: Number.NaN,
  darkness: Number.NaN,
};

/** Cuts a block's crops in its order into tar entries; `each` is called after every crop. */
export async function cutBlock(
  slide: SlideFile,
  job: CutJob,
  table: PlannedTable,
  segment: Segment,
  each: () => void,
): Promise<{ block: CutBlock; entries: Entries }> {
  const cpu = process.cpuUsage();
  const { sizePx: size, readWidth, readHeight, context } = job;
  const crops = rowsOf(table);
  const isTile = ({ left, top }: PlannedCrop) => job.copyTiles && left % size === 0 && top % size === 0;
  const cropsToCut = crops.filter((crop) => !isTile(crop));
  const window = new TileWindow(slide, job.level, job, cropsToCut);
  const room = encodedRoom(size, size);
  const sameForAll = JSON.stringify(context).slice(0, -1);
  const rows: CutRow[] = [];
  const unreadable: number[] = [];
  let cut = 0;
  const add = (crop: PlannedCrop, ix: number, quality: CropQuality, most: number, write: (into: Buffer) => number) => {
    const key = `${context.slide_id}_${crop.x0}_${crop.y0}`;
    rows.push({ ix, ...segment.add(`${key}.jpg`, most, write), ...quality });
    const tissue = Number(crop.tissueFraction.toFixed(4));
    segment.addText(`${key}.json`, `${sameForAll},"x0":${crop.x0},"y0":${crop.y0},"tissue_fraction":${tissue}}`);
  };
  const across = Math.ceil(slide.level(job.level).width / size);
  const indexOf = ({ left, top }: PlannedCrop) => (top / size) * across + left / size;
  const indexes = crops.filter(isTile).map(indexOf);
  const stored = indexes.length > 0 ? slide.storedTiles?.(job.level) : undefined;
  const tiles =
    stored &&
    new TileRuns(
      stored,
      across,
      indexes.sort((a, b) => a - b),
    );
  for (const [ix, crop] of crops.entries()) {
    if (tiles && isTile(crop)) {
      const jpeg = await tiles.take(indexOf(crop));
      if (isWholeJpeg(jpeg, size)) add(crop, ix, unmeasured, jpeg.length, (into) => jpeg.copy(into));
      else unreadable.push(indexOf(crop));
    } else if (await window.cut(cut++)) {
      const data = await resample({ data: window.pixels, width: readWidth, height: readHeight }, size, size);
      add(crop, ix, cropQuality(data, size, size), room, (into) => encodeJpegSync(data, size, size, jpegQuality, into));
    }
    each();
  }
  const { bytes } = segment;
  const entries = segment.finish();
  const block = {
    rows: numberTable(keys, rows),
    bytes,
    unreadableTiles: [...unreadable, ...window.unreadableTiles],
    decodedTiles: window.decodedTiles,
    copiedCrops: crops.length - cropsToCut.length - unreadable.length,
    cpuSeconds: cpuSince(cpu),
    pid: process.pid,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  };
  return { block, entries };
}
