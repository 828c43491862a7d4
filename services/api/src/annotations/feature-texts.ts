import { TextDecoder } from 'node:util';
import { StromaError } from '@stroma/core/errors';

/** Bounds of a file that is read: of all of it once unpacked, of one feature, and of what lies between features. */
export const mostFileBytes = 64_000_000;
export const mostFeatureChars = 2_000_000;
const mostOtherChars = 2_000_000;
export const mostFeatures = 100_000;
/** A MultiPolygon in a FeatureCollection is 7 deep, QuPath's children of children a few more. */
const deepest = 40;

/**
 * The features of a GeoJSON file one after the other, as text, without the whole file in memory: of a FeatureCollection,
 * of a bare list, or the one that the file is. What stands between them is put together, each feature as a 0, and has to
 * be JSON too.
 */
export async function* featureTexts(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let depth = 0;
  /** Depth at which features stand; 0 while their list has not begun, -1 after its end. */
  let listDepth = 0;
  let inString = false;
  let escaped = false;
  let lastString = '';
  let feature: string | null = null;
  let other = '';
  let given = 0;

  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > mostFileBytes) throw tooLarge('The file', `${mostFileBytes / 1e6} MB unpacked`);
    const text = decode(decoder, chunk);
    let from = 0;
    for (let i = 0; i < text.length; i += 1) {
      const char = text[i];
      if (inString) {
        if (escaped) escaped = false;
        else if (char === '\\') escaped = true;
        else if (char === '"') inString = false;
        else if (depth === 1 && lastString.length < 16) lastString += char;
        continue;
      }
      if (char === '"') {
        inString = true;
        if (depth === 1) lastString = '';
      } else if (char === '{' || char === '[') {
        if (depth === listDepth && listDepth > 0) {
          other += `${text.slice(from, i)}0`;
          from = i;
          feature = '';
        } else if (char === '[' && listDepth === 0 && (depth === 0 || (depth === 1 && lastString === 'features'))) {
          listDepth = depth + 1;
        }
        depth += 1;
        if (depth > deepest) throw tooDeep(given);
      } else if (char === '}' || char === ']') {
        depth -= 1;
        if (feature !== null && depth === listDepth) {
          feature += text.slice(from, i + 1);
          if (feature.length > mostFeatureChars) throw tooLarge(`Feature ${given}`, `${mostFeatureChars} characters`);
          yield feature;
          given += 1;
          if (given > mostFeatures) throw tooLarge('The list of features', `${mostFeatures} features`);
          feature = null;
          from = i + 1;
        } else if (depth < listDepth) listDepth = -1;
      }
    }
    if (feature === null) other += text.slice(from);
    else feature += text.slice(from);
    if (other.length > mostOtherChars)
      throw tooLarge('What stands beside the features', `${mostOtherChars} characters`);
    if ((feature?.length ?? 0) > mostFeatureChars) throw tooLarge(`Feature ${given}`, `${mostFeatureChars} characters`);
  }
  const rest = parsed(other, given);
  const list = Array.isArray(rest) ? rest : (rest as { features?: unknown } | null)?.features;
  if (!Array.isArray(list)) {
    if ((rest as { type?: unknown } | null)?.type !== 'Feature')
      throw notGeoJson('neither features nor a feature', given);
    yield other;
  } else if (list.length !== given) {
    throw notGeoJson(`${list.length - given} of ${list.length} features that are no objects`, given);
  }
}

function decode(decoder: TextDecoder, chunk: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: true });
  } catch {
    throw notGeoJson('bytes that are not UTF-8', 0);
  }
}

function parsed(text: string, given: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw notGeoJson(text.trim() === '' ? 'nothing' : 'text that is not JSON, or that ends early', given);
  }
}

function notGeoJson(found: string, given: number): StromaError {
  return new StromaError({
    code: 'geojson.invalid',
    message: 'The file is not GeoJSON. Nothing was taken from it.',
    expected: 'a FeatureCollection in UTF-8, plain or gzipped',
    found,
    where: given === 0 ? 'the file' : `after ${given} features`,
    remedy: 'Export it again; in QuPath with File → Export objects as GeoJSON.',
  });
}

function tooLarge(what: string, most: string): StromaError {
  return new StromaError(
    {
      code: 'geojson.large',
      message: `${what} is too large. Nothing was taken from the file.`,
      expected: `at most ${most}`,
      found: 'more',
      remedy: 'Export annotations only, in several files, or simplify their outlines.',
    },
    413,
  );
}

function tooDeep(given: number): StromaError {
  return new StromaError({
    code: 'geojson.deep',
    message: 'The file is nested too deeply. Nothing was taken from it.',
    expected: `at most ${deepest} levels of brackets`,
    found: 'more',
    where: `feature ${given}`,
    remedy: 'Export the annotations without their children.',
  });
}
