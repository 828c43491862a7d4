import type { Database } from '@stroma/db/client';
import { cropsInBox } from '@stroma/db/crops-in-box';
import { size0 } from './index-crops.ts';

/** A viewer's window in screen px, and level-0 px a screen px. */
const window = { width: 1920, height: 1080 };
const downsamples = [1, 2, 4];
/** A page of the crops' route. */
const limit = 1_000;

export interface BoxTimes {
  boxes: number;
  p50Ms: number;
  p99Ms: number;
  cropsABox: number;
}

/** What is in a viewer's window, at random places of random crop sets, one question after the other. */
export async function boxTimes(
  db: Database,
  cropSetIds: readonly number[],
  side0: number,
  boxes: number,
): Promise<BoxTimes> {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < boxes; i += 1) {
    const downsample = downsamples[i % downsamples.length] ?? 1;
    const cropSetId = cropSetIds[Math.floor(Math.random() * cropSetIds.length)] ?? 0;
    const box = {
      x0: Math.random() * side0,
      y0: Math.random() * side0,
      width0: window.width * downsample,
      height0: window.height * downsample,
    };
    const startedAt = performance.now();
    const { crops } = await cropsInBox(db, { cropSetId, size0X: size0, size0Y: size0, box, limit });
    times.push(performance.now() - startedAt);
    found += crops.length;
  }
  times.sort((a, b) => a - b);
  const quantile = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { boxes, p50Ms: quantile(0.5), p99Ms: quantile(0.99), cropsABox: found / boxes };
}
