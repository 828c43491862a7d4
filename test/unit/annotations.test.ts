import { featureTexts, mostFeatureChars } from '@stroma/api/annotations/feature-texts';
import { readFeature, writeFeature } from '@stroma/core/annotation/geojson';
import { type AnnotationGeometry, mostVertices, type Position, readGeometry } from '@stroma/core/annotation/geometry';
import { areaMm2, areaPx, boundsOf, kindOf, vertexCount } from '@stroma/core/annotation/measure';
import { StromaError } from '@stroma/core/errors';
import { describe, expect, test } from 'vitest';
import { handlesOf, movedTo, polygon, rectangle, without } from '../../web/viewer/annotation-edit.ts';
import { shown, toScreen, toSlide, touches } from '../../web/viewer/annotation-screen.ts';

const slide = { width0: 1000, height0: 600 };
const square = [
  [10, 20],
  [110, 20],
  [110, 70],
  [10, 70],
  [10, 20],
];
const hole = [
  [20, 30],
  [20, 40],
  [40, 40],
  [40, 30],
  [20, 30],
];
const codeOf = (read: () => unknown): string => {
  try {
    read();
  } catch (error) {
    if (error instanceof StromaError) return error.problem.code;
    throw error;
  }
  return 'taken';
};

describe('geometry', () => {
  test('a rectangle is told from a polygon; holes are not area; each axis has its own spacing', () => {
    const rectangle = readGeometry({ type: 'Polygon', coordinates: [square] }, slide);
    expect([kindOf(rectangle), areaPx(rectangle), vertexCount(rectangle)]).toEqual(['rectangle', 5000, 5]);
    expect(boundsOf(rectangle)).toEqual({ left0: 10, top0: 20, right0: 110, bottom0: 70 });
    expect(areaMm2(rectangle, { x: 0.5, y: 0.25 })).toBeCloseTo((100 * 0.5 * 50 * 0.25) / 1e6, 12);
    const holed = readGeometry({ type: 'Polygon', coordinates: [square, hole] }, slide);
    expect([kindOf(holed), areaPx(holed)]).toEqual(['polygon', 4800]);
    const two = readGeometry({ type: 'MultiPolygon', coordinates: [[square], [hole]] }, slide);
    expect([kindOf(two), areaPx(two)]).toEqual(['polygon', 5200]);
    const points = readGeometry({ type: 'MultiPoint', coordinates: [[1, 2], [3, 4]] }, slide); // biome-ignore format: two points
    expect([kindOf(points), areaPx(points), vertexCount(points)]).toEqual(['point', 0, 2]);
  });

  test('open outlines are closed, positions are kept to 0.01 px, and rounding at the edge is put onto it', () => {
    const open = [[0.123, 0], [0.123, 0], [1000.6, 0], [1000, 600.4]]; // biome-ignore format: four positions
    expect(readGeometry({ type: 'Polygon', coordinates: [open] }, slide).coordinates).toEqual([
      [
        [0.12, 0],
        [1000, 0],
        [1000, 600],
        [0.12, 0],
      ],
    ]);
  });

  test.each([
    ['a line', { type: 'LineString', coordinates: square }, 'annotation.type'],
    ['nothing', null, 'annotation.type'],
    ['text for a number', { type: 'Point', coordinates: ['NaN', 1] }, 'annotation.coordinates'],
    ['infinity', { type: 'Point', coordinates: [Infinity, 1] }, 'annotation.coordinates'],
    ['one coordinate', { type: 'Point', coordinates: [1] }, 'annotation.coordinates'],
    ['too shallow', { type: 'Polygon', coordinates: square }, 'annotation.coordinates'],
    ['too deep', { type: 'MultiPoint', coordinates: [square] }, 'annotation.coordinates'],
    ['no ring', { type: 'Polygon', coordinates: [] }, 'annotation.coordinates'],
    ['outside', { type: 'Point', coordinates: [1002, 1] }, 'annotation.outside'],
    ['above', { type: 'Point', coordinates: [10, -1.01] }, 'annotation.outside'],
    ['a flat ring', { type: 'Polygon', coordinates: [[[0, 0], [9, 9], [5, 5], [0, 0]]] }, 'annotation.flat'], // biome-ignore format: one row
    ['a ring of one', { type: 'Polygon', coordinates: [[[4, 4]]] }, 'annotation.flat'],
    ['too many', { type: 'MultiPoint', coordinates: Array.from({ length: mostVertices + 1 }, () => [1, 1]) }, 'annotation.vertices'], // biome-ignore format: one row
    ['too many in rings', { type: 'Polygon', coordinates: Array.from({ length: 4100 }, () => square) }, 'annotation.vertices'], // biome-ignore format: one row
  ])('%s is refused', (_, value, code) => {
    expect(codeOf(() => readGeometry(value, slide))).toBe(code);
  });
});

describe('features', () => {
  const content = {
    id: '6c0a5f57-92c4-4b4c-9f4e-0d8f6d0f3b1a',
    geometry: readGeometry({ type: 'Polygon', coordinates: [square, hole] }, slide) as AnnotationGeometry,
    name: 'Gland 3',
    classification: { name: 'Tumor: Positive', colour: '#c80000' },
    colour: '#00ff80',
    isLocked: true,
  };

  test('what is written is read back', () => {
    expect(readFeature(JSON.parse(JSON.stringify(writeFeature(content))), slide)).toEqual({ content, leftOut: [] });
    const bare = { ...content, name: null, classification: null, colour: null, isLocked: false };
    const written = writeFeature(bare);
    expect(JSON.stringify(written)).not.toContain('null');
    expect(readFeature(written, slide).content).toEqual(bare);
  });

  test('older and derived words of QuPath are understood, and what is not kept is told', () => {
    const { content: read, leftOut } = readFeature(
      {
        type: 'Feature',
        id: 'PathAnnotationObject',
        geometry: { type: 'Point', coordinates: [5, 6], plane: { c: -1, z: 0, t: 0 } },
        properties: {
          classification: { names: ['Tumor', 'Positive'], colorRGB: -3670016 },
          isLocked: 'false',
          name: ' two\nlines ',
          measurements: { 'Area µm^2': 12 },
          childObjects: [{}],
        },
      },
      slide,
    );
    expect(read).toMatchObject({
      id: null,
      name: 'two lines',
      classification: { name: 'Tumor: Positive', colour: '#c80000' },
      isLocked: false,
    });
    expect(leftOut).toEqual(['measurements', 'child objects']);
  });

  test('detections, cells and what is no feature are refused', () => {
    const feature = { ...writeFeature(content), properties: { objectType: 'cell' } };
    expect(codeOf(() => readFeature(feature, slide))).toBe('annotation.object');
    expect(codeOf(() => readFeature([], slide))).toBe('annotation.feature');
    const long = { ...writeFeature(content), properties: { name: 'x'.repeat(201) } };
    expect(codeOf(() => readFeature(long, slide))).toBe('annotation.name');
  });
});

describe('the features of a file', () => {
  /** Cut into pieces of this many bytes, also inside a letter. */
  async function textsOf(file: string | Uint8Array, size = 7): Promise<string[]> {
    const bytes = Buffer.from(file);
    const pieces = async function* () {
      for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
    };
    const texts: string[] = [];
    for await (const text of featureTexts(pieces())) texts.push(text);
    return texts;
  }
  const a = '{"type":"Feature","properties":{"name":"a \\"]}[ µ"}}';
  const b = '{"b":[{},[1]]}';

  test.each([
    ['a collection', `{"type": "FeatureCollection", "features": [${a} ,\n${b}], "x": {"features": [1]}}`, [a, b]],
    ['a bare list', ` [${a},${b}]`, [a, b]],
    ['one feature', a, [a]],
    ['an empty collection', '{"type":"FeatureCollection","features":[]}', []],
    ['with a byte order mark', `\ufeff[${a}]`, [a]],
  ])('%s', async (_, file, texts) => {
    for (const size of [1, 7, 1000]) expect((await textsOf(file, size)).map((text) => text.trim())).toEqual(texts);
  });

  test.each([
    ['nothing', '', 'geojson.invalid'],
    ['text', 'hello', 'geojson.invalid'],
    ['an early end', `{"features": [${a}, {"b": 1`, 'geojson.invalid'],
    ['no comma', `[${a} ${b}]`, 'geojson.invalid'],
    ['something after the end', `[${a}] ]`, 'geojson.invalid'],
    ['numbers for features', `[${a}, 0]`, 'geojson.invalid'],
    ['another object', '{"type":"Topology"}', 'geojson.invalid'],
    ['not UTF-8', Uint8Array.of(0x5b, 0x22, 0xff, 0x22, 0x5d), 'geojson.invalid'],
    ['deep nesting', `[${'['.repeat(5000)}`, 'geojson.deep'],
    ['a huge feature', `[{"a":"${'x'.repeat(mostFeatureChars)}"}]`, 'geojson.large'],
    ['a huge rest', `{"a":"${'x'.repeat(2_100_000)}"}`, 'geojson.large'],
  ])('%s is refused', async (_, file, code) => {
    const refused = await textsOf(file, 50_000).catch((error: StromaError) => error.problem.code);
    expect(refused).toBe(code);
  });
});

describe('moving positions', () => {
  const rect = rectangle([10, 10], [30, 20]);
  const triangle = polygon([[0, 0], [10, 0], [0, 10]]); // biome-ignore format: three corners
  const corner = (geometry: AnnotationGeometry, x: number, y: number, between = false) => {
    const found = handlesOf(geometry).find(({ at, between: is }) => at[0] === x && at[1] === y && is === between);
    if (!found) throw new Error(`no handle at ${x}, ${y}`);
    return found;
  };

  test('a corner of a rectangle takes its neighbours along, also across the opposite one', () => {
    expect(handlesOf(rect)).toHaveLength(4);
    const moved = movedTo(rect, corner(rect, 30, 20), [5, 5]);
    expect([kindOf(moved), boundsOf(moved)]).toEqual(['rectangle', { left0: 5, top0: 5, right0: 10, bottom0: 10 }]);
  });

  test('a polygon stays closed when its first corner moves, and gets one where an edge is taken', () => {
    const moved = movedTo(triangle, corner(triangle, 0, 0), [1, 2]);
    expect(moved.coordinates).toEqual([[[1, 2], [10, 0], [0, 10], [1, 2]]]); // biome-ignore format: one ring
    const more = movedTo(triangle, corner(triangle, 5, 5, true), [8, 8]);
    expect(more.coordinates).toEqual([[[0, 0], [10, 0], [8, 8], [0, 10], [0, 0]]]); // biome-ignore format: one ring
    const back = without(more, corner(more, 8, 8));
    expect(back?.coordinates).toEqual(triangle.coordinates);
    expect(without(triangle, corner(triangle, 0, 0))).toBeUndefined();
  });

  test('in the second polygon only the ring that is taken changes', () => {
    const two: AnnotationGeometry = {
      type: 'MultiPolygon',
      coordinates: [triangle.coordinates, polygon([[50, 50], [60, 50], [50, 60]]).coordinates] as Position[][][], // biome-ignore format: one ring
    };
    const moved = movedTo(two, corner(two, 60, 50), [70, 50]);
    expect(moved.coordinates[0]).toEqual(triangle.coordinates);
    expect(boundsOf(moved).right0).toBe(70);
  });
});

test('level-0 px and screen px lead back to each other on a slide that is turned', () => {
  const [cos, sin] = [Math.cos(0.7) * 0.25, Math.sin(0.7) * 0.25];
  const screen = { a: cos, b: sin, c: -sin, d: cos, e: 40, f: -30, zoom: 0.25 };
  const [x, y] = toSlide(screen, toScreen(screen, [1234, 567]));
  expect([x, y]).toEqual([expect.closeTo(1234, 8), expect.closeTo(567, 8)]);
  const view = shown(screen, 800, 600);
  for (const at of [
    [0, 0],
    [800, 0],
    [800, 600],
    [0, 600],
  ] as Position[]) {
    // biome-ignore format: four corners
    const [left0, top0] = toSlide(screen, at);
    expect(touches({ left0, top0, right0: left0, bottom0: top0 }, view)).toBe(true);
  }
  expect(touches({ left0: 1e6, top0: 0, right0: 1e6, bottom0: 1 }, view)).toBe(false);
});
