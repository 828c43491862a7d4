import type { TileTable } from './tile-table.ts';

/** 256 RGB triplets of a ColorMap tag, which holds 16-bit reds, then greens, then blues. */
export function palette(colorMap: number[]): Buffer {
  const rgb = Buffer.alloc(256 * 3);
  // As libtiff takes it: a map without any value above 255 was written in 8 bits.
  const wide = colorMap.some((value) => value > 255);
  for (let value = 0; value < 256; value += 1) {
    for (let channel = 0; channel < 3; channel += 1) {
      const stored = colorMap[channel * 256 + value] ?? 0;
      rgb[value * 3 + channel] = wide ? Math.floor((stored * 255) / 65_535) : stored;
    }
  }
  return rgb;
}

/** Interleaved 8-bit samples as RGB; what is transparent is laid over white. */
export function toRgb(samples: Buffer, { layout, palette }: Pick<TileTable, 'layout' | 'palette'>): Buffer {
  if (layout.samples === 3) return samples;
  const pixels = samples.length / layout.samples;
  const rgb = Buffer.allocUnsafeSlow(pixels * 3);
  if (layout.samples === 4) {
    overWhite(samples, rgb, layout.alpha === 'unassociated');
    return rgb;
  }
  const inverted = layout.colour === 'white-is-zero' ? 255 : 0;
  for (let i = 0; i < pixels; i += 1) {
    const value = samples[i] ?? 0;
    for (let channel = 0; channel < 3; channel += 1) {
      rgb[i * 3 + channel] = palette ? (palette[value * 3 + channel] ?? 0) : value ^ inverted;
    }
  }
  return rgb;
}

function overWhite(rgba: Buffer, rgb: Buffer, multiply: boolean): void {
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    const alpha = rgba[from + 3] ?? 0;
    const white = 255 - alpha;
    for (let channel = 0; channel < 3; channel += 1) {
      const value = rgba[from + channel] ?? 0;
      // Rounded as libtiff does before OpenSlide sees it.
      const premultiplied = multiply ? Math.floor((value * alpha + 127) / 255) : value;
      rgb[to + channel] = Math.min(255, premultiplied + white);
    }
  }
}
