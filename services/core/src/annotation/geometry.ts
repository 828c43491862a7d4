import { type Problem, StromaError } from '../errors.ts';

/** Level-0 px. */
export type Position = [x0: number, y0: number];
/** Closed: the last position is the first. */
export type Ring = Position[];

/** A GeoJSON geometry in level-0 px; a polygon's first ring is its outline, the others are holes. */
export type AnnotationGeometry =
  | { type: 'Point'; coordinates: Position }
  | { type: 'MultiPoint'; coordinates: Position[] }
  | { type: 'Polygon'; coordinates: Ring[] }
  | { type: 'MultiPolygon'; coordinates: Ring[][] };

export const geometryTypes = ['Point', 'MultiPoint', 'Polygon', 'MultiPolygon'] as const;

/** Positions in one annotation. */
export const mostVertices = 20_000;
/** Annotations of one slide, and positions in all of them. */
export const mostAnnotations = 20_000;
export const mostSlideVertices = 2_000_000;

/** Positions this far outside the slide are rounding of another program, and are put onto its edge. */
const edgePx = 1;

export interface SlideSize {
  width0: number;
  height0: number;
}

/**
 * A geometry that fits the slide, to 0.01 px; rings are closed and hold no position twice in a row. Throws a StromaError
 * that says what does not fit.
 */
export function readGeometry(value: unknown, slide: SlideSize): AnnotationGeometry {
  const { type, coordinates } = (value ?? {}) as { type?: unknown; coordinates?: unknown };
  const read = new Reader(slide);
  switch (type) {
    case 'Point':
      return { type, coordinates: read.position(coordinates, 'coordinates') };
    case 'MultiPoint':
      return { type, coordinates: read.list(coordinates, 'coordinates', read.position) };
    case 'Polygon':
      return { type, coordinates: read.list(coordinates, 'coordinates', read.ring) };
    case 'MultiPolygon':
      return { type, coordinates: read.list(coordinates, 'coordinates', read.polygon) };
    default:
      throw refuse({
        code: 'annotation.type',
        message: `${typeof type === 'string' ? `A ${type}` : 'This'} cannot be an annotation here.`,
        expected: geometryTypes.join(', '),
        found: typeof type === 'string' ? type : JSON.stringify(type ?? null).slice(0, 80),
        where: 'geometry.type',
        remedy: 'Draw it as points, a rectangle or a polygon; a line becomes a polygon when it is expanded.',
      });
  }
}

class Reader {
  readonly #slide: SlideSize;
  #left = mostVertices;

  constructor(slide: SlideSize) {
    this.#slide = slide;
  }

  list<T>(value: unknown, where: string, item: (value: unknown, where: string) => T): T[] {
    if (!Array.isArray(value) || value.length === 0) throw malformed('a list that is not empty', value, where);
    if (value.length > mostVertices) throw tooMany();
    return value.map((one, i) => item(one, `${where}[${i}]`));
  }

  polygon = (value: unknown, where: string): Ring[] => this.list(value, where, this.ring);

  ring = (value: unknown, where: string): Ring => {
    const all = this.list(value, where, this.position);
    const ring = all.filter((one, i) => i === 0 || !same(one, all[i - 1]));
    const first = ring[0] as Position;
    if (!same(first, ring.at(-1)) || ring.length === 1) ring.push([...first]);
    if (ring.length >= 4 && ringArea(ring) >= 0.01) return ring;
    throw refuse({
      code: 'annotation.flat',
      message: 'An outline encloses nothing.',
      expected: 'three positions or more that do not lie on one line',
      found: `${all.length} positions, ${ringArea(ring).toFixed(2)} px²`,
      where: `geometry.${where}`,
    });
  };

  position = (value: unknown, where: string): Position => {
    this.#left -= 1;
    if (this.#left < 0) throw tooMany();
    const [x, y] = Array.isArray(value) && value.length >= 2 && value.length <= 4 ? value : [];
    if (typeof x !== 'number' || typeof y !== 'number' || !Number.isFinite(x) || !Number.isFinite(y)) {
      throw malformed('[x, y] as finite numbers in level-0 px', value, where);
    }
    const { width0, height0 } = this.#slide;
    if (x < -edgePx || y < -edgePx || x > width0 + edgePx || y > height0 + edgePx) {
      throw refuse({
        code: 'annotation.outside',
        message: 'It lies outside the slide.',
        expected: `x from 0 to ${width0}, y from 0 to ${height0}, in level-0 px`,
        found: `(${x}, ${y})`,
        where: `geometry.${where}`,
        remedy: 'Check that it was drawn on this slide, and in px of its full resolution.',
      });
    }
    return [onto(x, width0), onto(y, height0)];
  };
}

/** Twice the enclosed area is the sum of cross products; taken about the first position, so that no digits are lost. */
export function ringArea(ring: Ring): number {
  const [x0, y0] = ring[0] ?? [0, 0];
  let twice = 0;
  for (let i = 1; i + 1 < ring.length; i += 1) {
    const [ax, ay] = ring[i] as Position;
    const [bx, by] = ring[i + 1] as Position;
    twice += (ax - x0) * (by - y0) - (bx - x0) * (ay - y0);
  }
  return Math.abs(twice) / 2;
}

const onto = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value * 100) / 100));
const same = (a: Position | undefined, b: Position | undefined) => a?.[0] === b?.[0] && a?.[1] === b?.[1];
const refuse = (problem: Problem) => new StromaError(problem);

function malformed(expected: string, value: unknown, where: string): StromaError {
  const text = JSON.stringify(value) ?? 'nothing';
  return refuse({
    code: 'annotation.coordinates',
    message: 'The coordinates are not those of a geometry.',
    expected,
    found: text.length > 80 ? `${text.slice(0, 80)}…` : text,
    where: `geometry.${where}`,
  });
}

function tooMany(): StromaError {
  return refuse({
    code: 'annotation.vertices',
    message: 'The outline has too many positions.',
    expected: `at most ${mostVertices}`,
    found: 'more',
    where: 'geometry.coordinates',
    remedy: 'Simplify the outline, in QuPath with Objects → Annotations → Simplify shape, or split it.',
  });
}
