import type { AnnotationGeometry, Position, Ring } from '@stroma/core/annotation/geometry';
import { kindOf, pointsOf, ringsOf } from '@stroma/core/annotation/measure';

/** One position of a geometry: of its points, or of one of its rings. */
export interface VertexAt {
  /** -1: among the points. */
  ring: number;
  index: number;
}

export interface Handle extends VertexAt {
  at: Position;
  /** Halfway along an edge: taking it makes a new position there. */
  between: boolean;
}

/** What can be taken and moved. A rectangle has its corners only. */
export function handlesOf(geometry: AnnotationGeometry): Handle[] {
  const handles: Handle[] = pointsOf(geometry).map((at, index) => ({ ring: -1, index, at, between: false }));
  const edges = kindOf(geometry) === 'polygon';
  for (const [ring, positions] of ringsOf(geometry).entries()) {
    for (const [index, at] of positions.slice(0, -1).entries()) {
      handles.push({ ring, index, at, between: false });
      const next = positions[index + 1] as Position;
      if (edges) handles.push({ ring, index, at: middle(at, next), between: true });
    }
  }
  return handles;
}

/** A corner of a rectangle takes its neighbours along, so that it stays one. */
export function movedTo(
  geometry: AnnotationGeometry,
  { ring, index, between }: Handle,
  to: Position,
): AnnotationGeometry {
  if (geometry.type === 'Point') return { ...geometry, coordinates: to };
  if (geometry.type === 'MultiPoint') {
    return { ...geometry, coordinates: geometry.coordinates.map((at, i) => (i === index ? to : at)) };
  }
  if (kindOf(geometry) === 'rectangle') {
    const opposite = ringsOf(geometry)[0]?.[(index + 2) % 4] as Position;
    return rectangle(opposite, to);
  }
  return withRing(geometry, ring, (positions) => {
    const open = positions.slice(0, -1);
    open.splice(between ? index + 1 : index, between ? 0 : 1, to);
    return closed(open);
  });
}

/** Undefined when too little would be left. */
export function without(geometry: AnnotationGeometry, { ring, index }: VertexAt): AnnotationGeometry | undefined {
  if (geometry.type === 'Point' || kindOf(geometry) === 'rectangle') return undefined;
  if (geometry.type === 'MultiPoint') {
    const coordinates = geometry.coordinates.filter((_, i) => i !== index);
    return coordinates.length > 0 ? { ...geometry, coordinates } : undefined;
  }
  if ((ringsOf(geometry)[ring]?.length ?? 0) <= 4) return undefined;
  return withRing(geometry, ring, (positions) => closed(positions.slice(0, -1).filter((_, i) => i !== index)));
}

export function rectangle([ax, ay]: Position, [bx, by]: Position): AnnotationGeometry {
  const [left, right] = [Math.min(ax, bx), Math.max(ax, bx)];
  const [top, bottom] = [Math.min(ay, by), Math.max(ay, by)];
  return { type: 'Polygon', coordinates: [closed([[left, top], [right, top], [right, bottom], [left, bottom]])] }; // biome-ignore format: four corners
}

export const polygon = (positions: Position[]): AnnotationGeometry => ({
  type: 'Polygon',
  coordinates: [closed(positions)],
});

const closed = (open: Position[]): Ring => (open[0] ? [...open, [...open[0]]] : []);
const middle = ([ax, ay]: Position, [bx, by]: Position): Position => [(ax + bx) / 2, (ay + by) / 2];

function withRing(geometry: AnnotationGeometry, ring: number, change: (positions: Ring) => Ring): AnnotationGeometry {
  let place = -1;
  const changed = (rings: Ring[]) =>
    rings.map((positions) => {
      place += 1;
      return place === ring ? change(positions) : positions;
    });
  if (geometry.type === 'Polygon') return { ...geometry, coordinates: changed(geometry.coordinates) };
  if (geometry.type === 'MultiPolygon') return { ...geometry, coordinates: geometry.coordinates.map(changed) };
  return geometry;
}
