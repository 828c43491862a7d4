import { availableParallelism } from 'node:os';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import { TileWindow } from '@stroma/ingest/tile-window';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { type CropPlan, planCrops, planScale } from '@stroma/wsi/crop-plan';
import { decodeJpeg, encodeJpeg } from '@stroma/wsi/jpeg';
import { openSlide } from '@stroma/wsi/open-slide';
import { resample } from '@stroma/wsi/resample';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { findTissue } from '@stroma/wsi/tissue-mask';

/** More would only take longer and hold more memory. */
const mostCrops = 400;

export interface Limit {
  cropsPerS: number;
  cropsPerSOneCore: number;
  cpuSecondsPer1000Crops: number;
  tiles: number;
  crops: number;
  /** crops/s of libvips: region of the file → JPEG, one crop after the other. */
  libvips: number | undefined;
}

/**
 * What the codec alone allows: the source tiles of these crops decoded and the crops encoded, from memory to memory,
 * with nothing else; on every core, and on one.
 */
export async function measureLimit(file: string, mpp0: number, mpp: number): Promise<Limit> {
  const slide = await openSlide(file);
  const recipe = cropRecipe(mpp);
  const tissue = await findTissue(slide, mpp0);
  const scale = planScale(slide.structure, { x: mpp0, y: mpp0 }, recipe, file);
  const plan = planCrops(slide.structure, scale, recipe, tissue.sharesOf);
  const some: CropPlan = { ...plan, crops: plan.crops.slice(0, mostCrops) };
  const tiles = await sourceTiles(slide, some);
  const crops = await pixels(slide, some);
  const loop = async (lanes: number) => {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: lanes }, (_, lane) => oneLane(tiles, crops, lane, lanes)));
    return (1000 * crops.length) / (performance.now() - startedAt);
  };
  await loop(1);
  const cpu = process.cpuUsage();
  const oneCore = await loop(1);
  const { user, system } = process.cpuUsage(cpu);
  const cropsPerS = await loop(availableParallelism());
  const libvips = plan.level === 0 && plan.readWidth === 256 ? await byLibvips(file, some) : undefined;
  await slide.close();
  return {
    cropsPerS,
    cropsPerSOneCore: oneCore,
    cpuSecondsPer1000Crops: (user + system) / 1000 / crops.length,
    tiles: tiles.length,
    crops: crops.length,
    libvips,
  };
}

async function oneLane(tiles: Buffer[], crops: Buffer[], lane: number, lanes: number): Promise<void> {
  let into: Buffer | undefined;
  for (let i = lane; i < tiles.length; i += lanes) into = (await decodeJpeg(tiles[i] ?? Buffer.alloc(0), into)).data;
  for (let i = lane; i < crops.length; i += lanes) await encodeJpeg(crops[i] ?? Buffer.alloc(0), 256, 256);
}

async function sourceTiles(slide: SlideFile, plan: CropPlan): Promise<Buffer[]> {
  const { tileWidth, tileHeight, width, height } = slide.level(plan.level);
  const wanted = new Map<string, [number, number]>();
  for (const { left, top } of plan.crops) {
    const right = Math.min(left + plan.readWidth, width);
    const bottom = Math.min(top + plan.readHeight, height);
    for (let row = Math.floor(top / tileHeight); row * tileHeight < bottom; row += 1) {
      for (let column = Math.floor(left / tileWidth); column * tileWidth < right; column += 1) {
        wanted.set(`${column},${row}`, [column, row]);
      }
    }
  }
  return await Promise.all([...wanted.values()].map(([column, row]) => slide.tile(plan.level, column, row)));
}

async function pixels(slide: SlideFile, plan: CropPlan): Promise<Buffer[]> {
  const window = new TileWindow(slide, plan.level, plan, plan.crops);
  const out: Buffer[] = [];
  for (let ix = 0; ix < plan.crops.length; ix += 1) {
    const data = Buffer.alloc(plan.readWidth * plan.readHeight * 3);
    await window.cut(ix, data);
    out.push(await resample({ data, width: plan.readWidth, height: plan.readHeight }, 256, 256));
  }
  return out;
}

async function byLibvips(file: string, plan: CropPlan): Promise<number> {
  const crops = plan.crops.slice(0, 64);
  const startedAt = performance.now();
  for (const { left, top } of crops) {
    await sharp(file, { limitInputPixels: false })
      .extract({ left, top, width: 256, height: 256 })
      .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
      .toBuffer();
  }
  return (1000 * crops.length) / (performance.now() - startedAt);
}
