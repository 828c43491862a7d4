import type { AnnotationGeometry, Position } from '@stroma/core/annotation/geometry';
import { type Bounds0, boundsOf, pointsOf, ringsOf } from '@stroma/core/annotation/measure';
import type { AnnotationMessage } from '@stroma/core/http/annotation';
import { type Screen, toScreen } from './annotation-screen.ts';

/** An annotation as it is drawn: its path in level-0 px is made once, when it first comes into view. */
export interface Shape {
  annotation: AnnotationMessage;
  bounds: Bounds0;
}

export const defaultColour = '#ffd23f';
export const colourOf = ({ colour, classification }: Pick<AnnotationMessage, 'colour' | 'classification'>) =>
  colour ?? classification?.colour ?? defaultColour;

export const shapeOf = (annotation: AnnotationMessage): Shape => ({
  annotation,
  bounds: boundsOf(annotation.geometry),
});

const paths = new WeakMap<AnnotationGeometry, Path2D>();

export function pathOf(geometry: AnnotationGeometry): Path2D {
  const there = paths.get(geometry);
  if (there) return there;
  const path = new Path2D();
  for (const ring of ringsOf(geometry)) {
    for (const [i, [x, y]] of ring.entries()) i === 0 ? path.moveTo(x, y) : path.lineTo(x, y);
    path.closePath();
  }
  paths.set(geometry, path);
  return path;
}

/** How near a click has to be to an outline or a point, in screen px. */
const nearPx = 9;

/** The topmost one at this place of the screen: on its outline or point, else inside it, the smallest first. */
export function shapeAt(shapes: readonly Shape[], screen: Screen, at: Position, at0: Position): Shape | undefined {
  const near0 = nearPx / screen.zoom;
  const [x, y] = at0;
  const close = shapes.filter(
    ({ bounds }) =>
      x >= bounds.left0 - near0 &&
      x <= bounds.right0 + near0 &&
      y >= bounds.top0 - near0 &&
      y <= bounds.bottom0 + near0,
  );
  const touched = close.findLast(({ annotation }) => isOn(annotation.geometry, screen, at));
  return touched ?? close.filter(({ annotation }) => isInside(annotation.geometry, at0)).sort(bySize)[0];
}

function isOn(geometry: AnnotationGeometry, screen: Screen, at: Position): boolean {
  if (pointsOf(geometry).some((point) => distance(toScreen(screen, point), at) <= nearPx)) return true;
  return ringsOf(geometry).some((ring) => {
    const places = ring.map((one) => toScreen(screen, one));
    return places.slice(1).some((to, i) => edgeDistance(places[i] as Position, to, at) <= nearPx);
  });
}

/** Even-odd, so that a hole is outside. */
function isInside(geometry: AnnotationGeometry, [x, y]: Position): boolean {
  let inside = false;
  for (const ring of ringsOf(geometry)) {
    for (let i = 1; i < ring.length; i += 1) {
      const [ax, ay] = ring[i - 1] as Position;
      const [bx, by] = ring[i] as Position;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

const extent = ({ bounds: { left0, top0, right0, bottom0 } }: Shape) => (right0 - left0) * (bottom0 - top0);
const bySize = (a: Shape, b: Shape) => extent(a) - extent(b);
export const distance = ([ax, ay]: Position, [bx, by]: Position) => Math.hypot(ax - bx, ay - by);

function edgeDistance(from: Position, to: Position, at: Position): number {
  const length2 = (to[0] - from[0]) ** 2 + (to[1] - from[1]) ** 2;
  const along = ((at[0] - from[0]) * (to[0] - from[0]) + (at[1] - from[1]) * (to[1] - from[1])) / (length2 || 1);
  const share = Math.max(0, Math.min(1, along));
  return distance([from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])], at);
}
