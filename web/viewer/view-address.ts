import { type SequentialMap, sequentialMaps } from './colour-maps.ts';

/** What the address of a view holds: pasted to a colleague it shows the same. */
export interface ViewAddress {
  /** Centre in level-0 px; zoom as screen px per level-0 px. */
  place: { x: number; y: number; zoom: number } | null;
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
    place: x !== null && y !== null && zoom !== null && zoom > 0 ? { x, y, zoom } : null,
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

export function writeAddress({ place, heat }: ViewAddress): string {
  const query = new URLSearchParams();
  if (place) {
    query.set('x', String(Math.round(place.x)));
    query.set('y', String(Math.round(place.y)));
    query.set('z', place.zoom.toPrecision(4));
  }
  if (heat.encoder !== defaultHeat.encoder) query.set('heat', heat.encoder ?? 'none');
  if (heat.opacity !== defaultHeat.opacity) query.set('opacity', heat.opacity.toFixed(2));
  if (heat.mode !== defaultHeat.mode) query.set('scale', heat.mode);
  if (heat.threshold > 0) query.set('above', heat.threshold.toFixed(2));
  if (heat.colours !== defaultHeat.colours) query.set('colours', heat.colours);
  if (heat.evidence !== null) query.set('evidence', String(heat.evidence));
  if (heat.smooth) query.set('smooth', 'yes');
  return `?${query}`;
}

const share = (value: number) => Math.max(0, Math.min(1, value));
