import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { readFeature, writeFeature } from '@stroma/core/annotation/geojson';
import { areaPx, boundsOf } from '@stroma/core/annotation/measure';
import { StromaError } from '@stroma/core/errors';
import { expect, test } from 'vitest';

const slide = { width0: 1000, height0: 600 };
const python = process.env.STROMA_PYTHON ?? 'python3';
const fixtures = path.resolve(import.meta.dirname, '../fixtures');

interface Feature {
  id: string;
  geometry: unknown;
  properties: Record<string, unknown>;
}
const sample = async (): Promise<Feature[]> =>
  JSON.parse(await readFile(path.join(fixtures, 'qupath-annotations.geojson'), 'utf8')).features;

function read(feature: Feature): ReturnType<typeof readFeature> | StromaError {
  try {
    return readFeature(feature, slide);
  } catch (error) {
    if (error instanceof StromaError) return error;
    throw error;
  }
}

test('annotations as QuPath writes them come back as they were; what is left out is told', async () => {
  const features = await sample();
  const results = features.map(read);
  const refused = results.flatMap((result, i) => (result instanceof StromaError ? [[i, result.problem.code]] : []));
  expect(refused).toEqual([
    [5, 'annotation.type'],
    [6, 'annotation.object'],
  ]);
  for (const [i, result] of results.slice(0, 5).entries()) {
    if (result instanceof StromaError) throw result;
    const { id, geometry, properties } = features[i] as Feature;
    const { measurements, metadata, ...kept } = properties;
    expect(result.leftOut).toEqual([...(measurements ? ['measurements'] : []), ...(metadata ? ['metadata'] : [])]);
    expect(writeFeature(result.content)).toEqual({
      type: 'Feature',
      id,
      geometry,
      properties: { isLocked: false, ...kept },
    });
  }
});

const hasShapely = () => {
  try {
    execFileSync(python, ['-c', 'import shapely'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

test.skipIf(!hasShapely())('shapely reads what is written, and has the same areas and bounds', async () => {
  const contents = (await sample()).flatMap((feature) => {
    const result = read(feature);
    return result instanceof StromaError ? [] : [result.content];
  });
  const text = JSON.stringify({ type: 'FeatureCollection', features: contents.map(writeFeature) });
  const answer = JSON.parse(
    execFileSync(python, [path.join(fixtures, 'geojson_areas.py')], { input: text, encoding: 'utf8' }),
  );
  expect(contents).toHaveLength(5);
  for (const { id, geometry } of contents) {
    const { left0, top0, right0, bottom0 } = boundsOf(geometry);
    const theirs = answer[id ?? ''];
    expect(theirs).toMatchObject({ valid: true, bounds: [left0, top0, right0, bottom0] });
    expect(areaPx(geometry)).toBeCloseTo(theirs.area, 6);
  }
});
