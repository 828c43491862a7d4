import { StromaError } from '../errors.ts';
import { type AnnotationGeometry, readGeometry, type SlideSize } from './geometry.ts';

export interface Classification {
  name: string;
  /** #rrggbb */
  colour: string | null;
}

/** What GeoJSON and Stroma both know of an annotation. */
export interface AnnotationContent {
  id: string | null;
  geometry: AnnotationGeometry;
  name: string | null;
  classification: Classification | null;
  /** Its own colour, which comes before its class's. */
  colour: string | null;
  isLocked: boolean;
}

const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
/** In QuPath's files before 0.4 a feature's id was the kind of object that it is. */
const annotationTypes = ['annotation', 'PathAnnotationObject'];

/** Kinds of content in QuPath's features that Stroma does not keep. */
export const leftOutKinds = ['measurements', 'metadata', 'child objects'] as const;
export type LeftOut = (typeof leftOutKinds)[number];

/** A feature as QuPath reads it: what is absent is left out, because it takes null for a value. */
export function writeFeature({ id, geometry, name, classification, colour, isLocked }: AnnotationContent): object {
  return {
    type: 'Feature',
    id,
    geometry,
    properties: {
      objectType: 'annotation',
      ...(name === null ? {} : { name }),
      ...(colour === null ? {} : { color: channels(colour) }),
      ...(classification === null
        ? {}
        : {
            classification: {
              name: classification.name,
              ...(classification.colour === null ? {} : { color: channels(classification.colour) }),
            },
          }),
      isLocked,
    },
  };
}

/** Throws a StromaError when the feature cannot be an annotation of this slide. */
export function readFeature(value: unknown, slide: SlideSize): { content: AnnotationContent; leftOut: LeftOut[] } {
  const feature = record(value);
  if (feature?.type !== 'Feature') throw notAFeature(feature?.type);
  const properties = record(feature.properties) ?? {};
  const id = typeof feature.id === 'string' ? feature.id : null;
  const objectType = properties.objectType ?? properties.object_type ?? (id?.startsWith('Path') ? id : undefined);
  if (objectType !== undefined && !annotationTypes.includes(String(objectType))) throw otherObject(objectType);
  const content = {
    id: id !== null && uuid.test(id) ? id.toLowerCase() : null,
    geometry: readGeometry(feature.geometry, slide),
    name: text(properties.name, 'properties.name'),
    classification: readClassification(properties.classification),
    colour: readColour(properties.color),
    isLocked: properties.isLocked === true || properties.isLocked === 'true',
  };
  const leftOut: LeftOut[] = [];
  if (isFilled(properties.measurements)) leftOut.push('measurements');
  if (isFilled(properties.metadata)) leftOut.push('metadata');
  if (isFilled(properties.childObjects) || isFilled(properties.children)) leftOut.push('child objects');
  return { content, leftOut };
}

/** `{name, color}`; a derived class is `{names}`, which QuPath writes as `Tumor: Positive`; older files have colorRGB. */
function readClassification(value: unknown): Classification | null {
  const given = record(value);
  if (!given) return null;
  const names = Array.isArray(given.names) ? given.names.map(String).join(': ') : given.name;
  const name = text(names, 'properties.classification.name');
  return name === null ? null : { name, colour: readColour(given.color ?? given.colorRGB) };
}

function readColour(value: unknown): string | null {
  const parts =
    typeof value === 'number' && Number.isInteger(value)
      ? [(value >> 16) & 255, (value >> 8) & 255, value & 255]
      : Array.isArray(value)
        ? value.slice(0, 3)
        : [];
  const isColour = parts.length === 3 && parts.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return isColour ? `#${parts.map((part: number) => part.toString(16).padStart(2, '0')).join('')}` : null;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((from) => Number.parseInt(colour.slice(from, from + 2), 16));
}

/** One line; without the characters that no name holds. */
function text(value: unknown, where: string): string | null {
  if (value === undefined || value === null) return null;
  const line = String(value)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  if (line === '') return null;
  if (line.length <= 200 && typeof value !== 'object') return line;
  throw new StromaError({
    code: 'annotation.name',
    message: 'A name is too long, or is not text.',
    expected: 'text of at most 200 characters',
    found: typeof value === 'object' ? 'an object' : `${line.length} characters`,
    where,
  });
}

const isFilled = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function notAFeature(found: unknown): StromaError {
  return new StromaError({
    code: 'annotation.feature',
    message: 'This is not a GeoJSON feature.',
    expected: 'an object with type “Feature”',
    found: JSON.stringify(found ?? null).slice(0, 80),
    where: 'type',
  });
}

function otherObject(found: unknown): StromaError {
  return new StromaError({
    code: 'annotation.object',
    message: 'It is not an annotation: detections, cells and tiles are not taken.',
    expected: 'objectType “annotation”',
    found: String(found).slice(0, 80),
    where: 'properties.objectType',
    remedy: 'Export annotations only, or turn the objects into annotations first.',
  });
}
