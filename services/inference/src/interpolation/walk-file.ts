import type { WalkFileQuery } from '@stroma/core/http/interpolation';
import sharp from 'sharp';
import { textWidth, writeText } from './glyphs.ts';
import type { DrawnStep, Interpolator } from './interpolator.ts';
import { type Picture, syntheticPng } from './picture.ts';

export interface WalkFile {
  name: string;
  type: string;
  content: Buffer;
}

/** Pictures smaller than this are shown with whole pixels repeated, so that the mark below them can be read. */
const leastSide = 128;
const markHeight = 11;
const frameMs = 160;
const defaultPictures = 11;

/** A walk as a strip, an animation or numbers. Every picture is marked in its pixels, the file in its metadata and name. */
export async function walkFile(
  interpolator: Interpolator,
  jobId: number,
  query: WalkFileQuery,
  signal: AbortSignal | undefined,
): Promise<WalkFile> {
  const { format, pictures = defaultPictures, alphaPrimary = 1, replica = 0, ...pair } = query;
  const models = await interpolator.open(jobId);
  const { sampler = 'ddim', steps = models.eldmCard.ddim_steps } = query;
  const alphas =
    pictures === 1
      ? [alphaPrimary]
      : Array.from({ length: pictures }, (_, i) => Math.round((1 - i / (pictures - 1)) * 1000) / 1000);
  const ends = [pair.primaryCropId, pair.secondaryCropId].join('_to_').replaceAll(':', '-');
  const one = pictures === 1 ? `_alpha-${alphaPrimary.toFixed(2)}` : '';
  const name = `synthetic_walk_${ends}_noise-${replica}${one}`;
  if (format === 'json') {
    const rows: object[] = [];
    for (const alpha of alphas) {
      const request = { ...pair, replica, sampler, steps, alphaPrimary: alpha };
      const { png: _, seconds: __, ...answer } = await interpolator.draw(jobId, request, signal);
      const { made } = await interpolator.step(jobId, models, request, signal);
      rows.push({ ...answer, made });
    }
    const whole = { synthetic: true, job: jobId, ...pair, replica, sampler, steps, pictures: rows };
    const content = Buffer.from(`${JSON.stringify(whole, null, 2)}\n`);
    return { name: `${name}.json`, type: 'application/json', content };
  }
  const drawn: DrawnStep[] = [];
  for (const alpha of alphas) {
    const request = { ...pair, replica, sampler, steps, alphaPrimary: alpha };
    drawn.push(await interpolator.step(jobId, models, request, signal));
  }
  const frames = drawn.map(({ picture }, i) => marked(picture, alphas[i] ?? 0));
  const { alpha_primary: _, ...made } = drawn[0]?.made ?? {};
  const all = { ...made, alphas_primary: alphas };
  if (format === 'gif') {
    const content = withComment(await animation(there(frames)), JSON.stringify({ synthetic: true, ...all }));
    return { name: `${name}.gif`, type: 'image/gif', content };
  }
  return { name: `${name}.png`, type: 'image/png', content: await syntheticPng(sideBySide(frames), all) };
}

/** The picture over a black band that says what it is. */
function marked({ rgb, width, height }: Picture, alpha: number): Picture {
  const times = Math.max(1, Math.ceil(leastSide / width));
  const out = { width: width * times, height: height * times + markHeight };
  const pixels = new Uint8Array(out.width * out.height * 3);
  for (let y = 0; y < height * times; y += 1) {
    for (let x = 0; x < out.width; x += 1) {
      const from = (Math.floor(y / times) * width + Math.floor(x / times)) * 3;
      const to = (y * out.width + x) * 3;
      for (let c = 0; c < 3; c += 1) pixels[to + c] = rgb[from + c] ?? 0;
    }
  }
  const top = height * times + 2;
  writeText(pixels, out.width, 'SYNTHETIC', 3, top);
  const label = alpha.toFixed(2);
  writeText(pixels, out.width, label, out.width - textWidth(label) - 3, top);
  return { ...out, rgb: pixels };
}

function sideBySide(frames: readonly Picture[]): Picture {
  const [first] = frames;
  if (!first) throw new RangeError('no pictures');
  const width = first.width * frames.length;
  const rgb = new Uint8Array(width * first.height * 3);
  for (const [i, frame] of frames.entries()) {
    for (let y = 0; y < frame.height; y += 1) {
      const row = frame.rgb.subarray(y * frame.width * 3, (y + 1) * frame.width * 3);
      rgb.set(row, (y * width + i * frame.width) * 3);
    }
  }
  return { rgb, width, height: first.height };
}

/** There and back again, so that the loop has no jump. */
const there = (frames: readonly Picture[]) => [...frames, ...frames.slice(1, -1).reverse()];

async function animation(frames: readonly Picture[]): Promise<Buffer> {
  const [first] = frames;
  if (!first) throw new RangeError('no pictures');
  const pages = Buffer.concat(frames.map((frame) => frame.rgb));
  const raw = {
    width: first.width,
    height: first.height * frames.length,
    channels: 3 as const,
    pageHeight: first.height,
  };
  return await sharp(pages, { raw, limitInputPixels: false })
    .gif({ loop: 0, delay: frames.map(() => frameMs) })
    .toBuffer();
}

/** GIF89a's comment extension, put before the trailer. */
export function withComment(gif: Buffer, comment: string): Buffer {
  const text = Buffer.from(comment, 'utf8');
  const blocks: Buffer[] = [];
  for (let at = 0; at < text.length; at += 255) {
    const block = text.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  return Buffer.concat([gif.subarray(0, -1), Buffer.from([0x21, 0xfe]), ...blocks, Buffer.from([0, 0x3b])]);
}
