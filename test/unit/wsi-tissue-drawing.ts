import { sharp } from '@stroma/wsi/bounded-sharp';
import { Random } from '../../infra/demo/cohort-generator-random.ts';

export const width = 420;
export const height = 300;
/** µm per px of the drawings. */
export const microns = 4;

export type Inside = (x: number, y: number) => boolean;
export const box =
  (left: number, top: number, right: number, bottom: number): Inside =>
  (x, y) =>
    x >= left && x < right && y >= top && y < bottom;
export const nowhere: Inside = () => false;
/** Where every drawing has its tissue, unless it says otherwise. */
export const section = box(60, 50, 360, 250);

/** Optical densities of stains, Ruifrok and Johnston 2001. */
const stain = { haematoxylin: [0.65, 0.7, 0.29], eosin: [0.07, 0.99, 0.11], dab: [0.27, 0.57, 0.78] } as const;
export type Stains = Partial<Record<keyof typeof stain, number>>;

/** A slide's overview in optical densities, drawn layer over layer as light passes through it. */
export class Drawing {
  readonly #densities = new Float32Array(width * height * 3);
  readonly #random = new Random(11);

  constructor(readonly glass: readonly [number, number, number] = [244, 244, 244]) {}

  /** Uneven stroma of this mean density and nuclei of about 6 µm. */
  tissue(stains: Stains, { inside = section, nuclei = 0.12, layers = 1 } = {}): this {
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) {
        const grain = 0.75 + 0.5 * this.#random.next();
        const nucleus = this.#random.next() < nuclei ? 0.5 * (stains.haematoxylin ?? 0.2) + 0.15 : 0;
        if (!inside(x, y)) continue;
        const amounts: Stains = { ...stains, haematoxylin: (stains.haematoxylin ?? 0) + nucleus };
        for (const [name, amount] of Object.entries(amounts)) {
          const vector = stain[name as keyof typeof stain];
          this.#absorb(x, y, vector, amount * grain * layers);
        }
      }
    }
    return this;
  }

  /** Something of one colour, as seen on white. */
  lay(colour: readonly [number, number, number], inside: Inside): this {
    const vector = colour.map((value) => -Math.log10(Math.max(1, value) / 255));
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) if (inside(x, y)) this.#absorb(x, y, vector, 1);
    }
    return this;
  }

  #absorb(x: number, y: number, vector: readonly number[], amount: number): void {
    const at = (y * width + x) * 3;
    vector.forEach((one, channel) => {
      this.#densities[at + channel] = (this.#densities[at + channel] ?? 0) + one * amount;
    });
  }

  /** 8-bit RGB with scanner noise and shading; `outOfFocus` px are blurred by this sigma. */
  async picture({ outOfFocus = nowhere, sigma = 4 } = {}) {
    const data = Buffer.alloc(width * height * 3);
    for (let i = 0; i < width * height; i += 1) {
      const shading = 1 - 0.015 * ((i % width) / width);
      for (let channel = 0; channel < 3; channel += 1) {
        const light = (this.glass[channel] ?? 255) * shading * 10 ** -(this.#densities[3 * i + channel] ?? 0);
        data[3 * i + channel] = Math.max(0, Math.min(255, Math.round(light + 3 * (this.#random.next() - 0.5))));
      }
    }
    const raw = { width, height, channels: 3 } as const;
    const blurred = await sharp(data, { raw }).blur(sigma).raw().toBuffer();
    for (let i = 0; i < width * height; i += 1) {
      if (outOfFocus(i % width, Math.floor(i / width))) blurred.copy(data, 3 * i, 3 * i, 3 * i + 3);
    }
    return { data, width, height };
  }
}

/** Share of a region's px that have one of these classes. */
export function shareOf(classes: Uint8Array, inside: Inside, ...wanted: number[]): number {
  let [found, all] = [0, 0];
  for (let i = 0; i < classes.length; i += 1) {
    if (!inside(i % width, Math.floor(i / width))) continue;
    all += 1;
    if (wanted.includes(classes[i] ?? -1)) found += 1;
  }
  return found / all;
}
