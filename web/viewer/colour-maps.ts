/**
 * Colours at even steps of the scale. Viridis, cividis and inferno (matplotlib, CC0) grow evenly in lightness; the
 * diverging map is BrBG (C. Brewer). All four can be told apart by colour-blind eyes.
 */
const stops = {
  viridis: '440154 482475 414487 355f8d 2a788e 21918c 22a884 44bf70 7ad151 bddf26 fde725',
  cividis: '00204d 00336f 39486b 575c6d 707173 8a8779 a69d75 c4b56c e4cf5b ffea46',
  inferno: '000004 1b0c42 4b0c6b 781c6d a52c60 cf4446 ed6925 fb9a06 f7d03c fcffa4',
  diverging: '543005 8c510a bf812d dfc27d f6e8c3 f5f5f5 c7eae5 80cdc1 35978f 01665e 003c30',
} as const;

export type ColourMap = keyof typeof stops;
/** Rows of the table of colours. */
export const colourMaps = Object.keys(stops) as ColourMap[];
/** Those for values from 0 to 1. */
export const sequentialMaps = ['viridis', 'cividis', 'inferno'] as const satisfies ColourMap[];
export type SequentialMap = (typeof sequentialMaps)[number];

/** Colours of a map; odd, so that the diverging map has a middle. */
export const shades = 255;
export type Rgb = [red: number, green: number, blue: number];
const tables = Object.fromEntries(colourMaps.map((map) => [map, shadesOf(map)])) as Record<ColourMap, Rgb[]>;

/** The colour of a position on the scale, 0…1: one of 255. */
export function colourAt(map: ColourMap, position: number): Rgb {
  return tables[map][shadeAt(position)] as Rgb;
}

export const shadeAt = (position: number) => Math.round(Math.max(0, Math.min(1, position)) * (shades - 1));

/** All maps as pixels, RGBA: 255 columns, a row a map. */
export function colourTable(): Uint8Array {
  return Uint8Array.from(colourMaps.flatMap((map) => tables[map].flatMap((rgb) => [...rgb, 255])));
}

export const colourGradient = (map: ColourMap) =>
  `linear-gradient(90deg, ${Array.from({ length: 17 }, (_, step) => `rgb(${colourAt(map, step / 16).join(' ')})`).join(', ')})`;

function shadesOf(map: ColourMap): Rgb[] {
  const colours = stops[map].split(' ').map((hex) => [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)));
  return Array.from({ length: shades }, (_, shade) => {
    const place = (shade / (shades - 1)) * (colours.length - 1);
    const below = Math.min(Math.floor(place), colours.length - 2);
    const mix = (channel: number) => {
      const [from, to] = [colours[below]?.[channel] ?? 0, colours[below + 1]?.[channel] ?? 0];
      return Math.round(from + (to - from) * (place - below));
    };
    return [mix(0), mix(1), mix(2)];
  });
}
