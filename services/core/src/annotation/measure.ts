import type { PixelSpacing } from '../units.ts';
import { type AnnotationGeometry, type Position, type Ring, ringArea } from './geometry.ts';

export type AnnotationKind = 'point' | 'rectangle' | 'polygon';

export interface Bounds0 {
  left0: number;
  top0: number;
  right0: number;
  bottom0: number;
}

/** Outlines and holes; none of points. */
export function ringsOf(geometry: AnnotationGeometry): Ring[] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  return geometry.type === 'MultiPolygon' ? geometry.coordinates.flat() : [];
}

export function pointsOf(geometry: AnnotationGeometry): Position[] {
  if (geometry.type === 'Point') return [geometry.coordinates];
  return geometry.type === 'MultiPoint' ? geometry.coordinates : [];
}

/** A rectangle is an outline of four corners along both axes: GeoJSON has no other word for it. */
export function kindOf(geometry: AnnotationGeometry): AnnotationKind {
  const rings = ringsOf(geometry);
  const [ring] = rings;
  if (!ring) return 'point';
  if (rings.length > 1 || ring.length !== 5) return 'polygon';
  const sides = ring.slice(1).map(([x, y], i) => {
    const [fromX, fromY] = ring[i] as Position;
    return x === fromX ? 'y' : y === fromY ? 'x' : '?';
  });
  return ['xyxy', 'yxyx'].includes(sides.join('')) ? 'rectangle' : 'polygon';
}

export function vertexCount(geometry: AnnotationGeometry): number {
  return pointsOf(geometry).length + ringsOf(geometry).reduce((sum, ring) => sum + ring.length, 0);
}

export function boundsOf(geometry: AnnotationGeometry): Bounds0 {
  const bounds = { left0: Infinity, top0: Infinity, right0: -Infinity, bottom0: -Infinity };
  for (const positions of [pointsOf(geometry), ...ringsOf(geometry)]) {
    for (const [x, y] of positions) {
      bounds.left0 = Math.min(bounds.left0, x);
      bounds.top0 = Math.min(bounds.top0, y);
      bounds.right0 = Math.max(bounds.right0, x);
      bounds.bottom0 = Math.max(bounds.bottom0, y);
    }
  }
  return bounds;
}

/** Enclosed area in level-0 px², holes left out; of an outline that crosses itself it is not defined. 0 of points. */
export function areaPx(geometry: AnnotationGeometry): number {
  const polygons = geometry.type === 'MultiPolygon' ? geometry.coordinates : [ringsOf(geometry)];
  return polygons.reduce((sum, [outline, ...holes]) => {
    if (!outline) return sum;
    return sum + holes.reduce((rest, hole) => rest - ringArea(hole), ringArea(outline));
  }, 0);
}

/** mm², with the spacing of each axis. */
export function areaMm2(geometry: AnnotationGeometry, { x, y }: PixelSpacing): number {
  return (areaPx(geometry) * x * y) / 1e6;
}
