import type { Point0 } from './place.ts';
import type { AddressPart } from './view-address.ts';

/** What is chosen on the slide: a crop, or a place without one (level-0 px). */
export type Choice = { cropId: string } | Point0;

export function selectionAddress(choice: Choice | null): AddressPart {
  return {
    crop: choice && 'cropId' in choice ? choice.cropId : null,
    at: choice && 'x' in choice ? `${choice.x.toFixed(0)},${choice.y.toFixed(0)}` : null,
  };
}

export function readChoice(query: URLSearchParams): Choice | null {
  const cropId = query.get('crop');
  if (cropId && /^\d{1,9}:\d{1,9}$/.test(cropId)) return { cropId };
  const [x, y] = query.get('at')?.split(',').map(Number) ?? [];
  return x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y) ? { x, y } : null;
}
