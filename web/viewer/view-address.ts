import { type SequentialMap, sequentialMaps } from './colour-maps.ts';
import type { Place } from './place.ts';

/** What the address of a view holds: pasted to a colleague it shows the same. */
export interface ViewAddress {
  place: Required<Place> | null;
  heat: HeatSettings;
}

export interface HeatSettings {
  encoder: 'dino' | 'gen_dino' | null;
  opacity: number;
  mode: 'rank' | 'absolute';
  /** Crops below this value of the scale in use stay clear. */
  threshold: number;
  /** Colours of attention; evidence has a diverging map of its own. */
  colours: SequentialMap;
  /** Index of the class whose evidence is shown; null = attention. */
  evidence: number | null;
  /** Neighbouring crops blended. */
  smooth: boolean;
}

export const defaultHeat: HeatSettings = {
  encoder: 'gen_dino',
  opacity: 0.5,
  mode: 'rank',
  threshold: 0,
  colours: 'viridis',
  evidence: null,
  smooth: false,
};

export function readAddress(search: string): ViewAddress {
  const query = new URLSearchParams(search);
  const number = (name: string) =>
    query.has(name) && Number.isFinite(Number(query.get(name))) ? Number(query.get(name)) : null;
  const [x, y, zoom] = [number('x'), number('y'), number('z')];
  const heat = query.get('heat');
  return {
    place: x !== null && y !== null && zoom !== null && zoom > 0 ? { x, y, zoom, rotation: number('r') ?? 0 } : null,
    heat: {
      encoder: heat === 'dino' || heat === 'gen_dino' ? heat : heat === 'none' ? null : defaultHeat.encoder,
      opacity: share(number('opacity') ?? defaultHeat.opacity),
      mode: query.get('scale') === 'absolute' ? 'absolute' : 'rank',
      threshold: share(number('above') ?? 0),
      colours: sequentialMaps.find((map) => map === query.get('colours')) ?? defaultHeat.colours,
      evidence: /^\d{1,3}$/.test(query.get('evidence') ?? '') ? Number(query.get('evidence')) : null,
      smooth: query.get('smooth') === 'yes',
    },
  };
}

/** A place in one value: `x,y,zoom,rotation`. */
export function writePlace({ x, y, zoom, rotation }: Required<Place>): string {
  return [x.toFixed(1), y.toFixed(1), zoom.toPrecision(6), rotation.toFixed(1)].join(',');
}

export function readPlace(text: string | null): Required<Place> | null {
  const numbers = text?.split(',').map(Number) ?? [];
  const [x, y, zoom, rotation] = numbers;
  if (numbers.length !== 4 || !numbers.every(Number.isFinite) || !zoom || zoom < 0) return null;
  return { x: x as number, y: y as number, zoom, rotation: rotation as number };
}

/** Names and values of an address; null: the default, which an address does without. */
export type AddressPart = Record<string, string | null>;

export function placeAddress({ x, y, zoom, rotation }: Required<Place>): AddressPart {
  const turned = Number(rotation.toFixed(1)) % 360;
  // Six digits, so that a magnification is still exact when it is read again.
  return { x: x.toFixed(0), y: y.toFixed(0), z: zoom.toPrecision(6), r: turned === 0 ? null : String(turned) };
}

export function heatAddress(heat: HeatSettings): AddressPart {
  return {
    heat: heat.encoder === defaultHeat.encoder ? null : (heat.encoder ?? 'none'),
    opacity: heat.opacity === defaultHeat.opacity ? null : heat.opacity.toFixed(2),
    scale: heat.mode === defaultHeat.mode ? null : heat.mode,
    above: heat.threshold > 0 ? heat.threshold.toFixed(2) : null,
    colours: heat.colours === defaultHeat.colours ? null : heat.colours,
    evidence: heat.evidence === null ? null : String(heat.evidence),
    smooth: heat.smooth ? 'yes' : null,
  };
}

/** The address with some parts changed; what it names besides stays. */
export function writeAddress(search: string, part: AddressPart): string {
  const query = new URLSearchParams(search);
  for (const [name, value] of Object.entries(part)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  return `?${query}`;
}

const share = (value: number) => Math.max(0, Math.min(1, value));
