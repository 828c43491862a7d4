import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readFeature } from '@stroma/core/annotation/geojson';
import { mostAnnotations, mostSlideVertices, type SlideSize } from '@stroma/core/annotation/geometry';
import { asProblem, StromaError } from '@stroma/core/errors';
import type { AnnotationImportReport } from '@stroma/core/http/annotation';
import { type PreparedAnnotation, prepareAnnotation } from '@stroma/db/annotation-import';
import { tooMany } from './annotation-message.ts';
import { featureTexts } from './feature-texts.ts';

const mostRefusals = 100;

export interface AnnotationFile {
  annotations: PreparedAnnotation[];
  /** By place in annotations: of which feature it was made, and how it is named. */
  features: { index: number; name: string | null }[];
  report: Pick<AnnotationImportReport, 'features' | 'refused' | 'refusals' | 'leftOut'>;
}

/** What of a GeoJSON file, plain or gzipped, fits the slide. */
export async function readFile(body: AsyncIterable<Uint8Array>, slide: SlideSize): Promise<AnnotationFile> {
  const report: AnnotationFile['report'] = { features: 0, refused: 0, refusals: [], leftOut: [] };
  const file: AnnotationFile = { annotations: [], features: [], report };
  const ids = new Set<string>();
  const leftOut = new Map<AnnotationImportReport['leftOut'][number]['what'], number>();
  let vertices = 0;
  for await (const text of featureTexts(unpacked(body))) {
    const index = report.features;
    report.features += 1;
    let value: unknown;
    try {
      value = parsed(text);
      const read = readFeature(value, slide);
      const { id, name } = read.content;
      if (id !== null && ids.has(id)) throw twice(id);
      if (id !== null) ids.add(id);
      const prepared = prepareAnnotation(read.content);
      file.annotations.push(prepared);
      file.features.push({ index, name });
      vertices += prepared.vertexCount;
      for (const what of read.leftOut) leftOut.set(what, (leftOut.get(what) ?? 0) + 1);
    } catch (error) {
      if (!(error instanceof StromaError)) throw error;
      refuse(report, index, nameOf(value), error);
    }
    if (file.annotations.length > mostAnnotations) {
      throw tooMany(`at most ${mostAnnotations} annotations`, `more in the file`);
    }
    if (vertices > mostSlideVertices) throw tooMany(`at most ${mostSlideVertices} positions`, 'more in the file');
  }
  report.leftOut = [...leftOut].map(([what, features]) => ({ what, features }));
  return file;
}

export function refuse(report: AnnotationFile['report'], index: number, name: string | null, error: StromaError) {
  report.refused += 1;
  if (report.refusals.length >= mostRefusals) return;
  const problem = asProblem(error);
  const where = [`feature ${index}`, problem.where].filter(Boolean).join(', ');
  report.refusals.push({ index, name, problem: { ...problem, where } });
}

/** The first two bytes tell whether the file is gzipped: a browser does not. */
async function* unpacked(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done) return;
  const whole = (async function* () {
    yield first.value;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  })();
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const packed = Readable.from(whole);
  const gunzip = createGunzip();
  packed.once('error', (error) => gunzip.destroy(error));
  try {
    yield* packed.pipe(gunzip);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) throw notGzip();
    throw error;
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StromaError({
      code: 'annotation.json',
      message: 'The feature is not valid JSON.',
      expected: 'numbers, quoted text and brackets; no NaN',
      found: text.length > 80 ? `${text.slice(0, 80)}…` : text,
    });
  }
}

function nameOf(value: unknown): string | null {
  const name = (value as { properties?: { name?: unknown } | null } | undefined | null)?.properties?.name;
  return typeof name === 'string' ? name.slice(0, 80) : null;
}

function twice(id: string): StromaError {
  return new StromaError({
    code: 'annotation.twice',
    message: 'An earlier feature of the file has the same id.',
    expected: 'an id of its own',
    found: id,
    where: 'id',
  });
}

function notGzip(): StromaError {
  return new StromaError({
    code: 'geojson.gzip',
    message: 'The file cannot be unpacked. Nothing was taken from it.',
    expected: 'a whole gzip file',
    found: 'one that is damaged or ends early',
    remedy: 'Compress it again, or give it as it is.',
  });
}
