import { type Static, Type } from 'typebox';
import { leftOutKinds } from '../annotation/geojson.ts';
import { type AnnotationGeometry, geometryTypes } from '../annotation/geometry.ts';
import { Nullable, ProblemMessage, Time } from './common.ts';

/** GeoJSON in level-0 px; `readGeometry` looks at the coordinates, because it can say what is wrong with them. */
const Geometry = Type.Unsafe<AnnotationGeometry>(
  Type.Object({ type: Type.Enum(geometryTypes), coordinates: Type.Array(Type.Unknown()) }),
);
/** The type is left open, so that a LineString is refused in words. */
const GeometryGiven = Type.Unsafe<AnnotationGeometry>(
  Type.Object({ type: Type.String({ maxLength: 40 }), coordinates: Type.Array(Type.Unknown()) }),
);
const Line = (minLength: number) => Type.String({ minLength, maxLength: 200, pattern: '^[^\\u0000-\\u001f\\u007f]*$' });
/** #rrggbb */
const Colour = Type.String({ pattern: '^#[0-9a-f]{6}$' });
const Classification = Type.Object({ name: Line(1), colour: Nullable(Colour) });

const content = {
  name: Nullable(Line(1)),
  classification: Nullable(Classification),
  /** Its own, before its class's. */
  colour: Nullable(Colour),
  /** Locked ones are neither moved nor deleted. */
  isLocked: Type.Boolean(),
};

export const AnnotationMessage = Type.Object({
  id: Type.String(),
  kind: Type.Enum(['point', 'rectangle', 'polygon'] as const),
  geometry: Geometry,
  ...content,
  author: Nullable(Type.String()),
  /** Whether whoever asks may change it: its author, or an admin. */
  mayChange: Type.Boolean(),
  version: Type.Integer(),
  createdAt: Time,
  updatedAt: Time,
});
export type AnnotationMessage = Static<typeof AnnotationMessage>;

const Level0Px = Type.Number({ minimum: -1e9, maximum: 1e9 });
const Length0 = Type.Number({ exclusiveMinimum: 0, maximum: 1e9 });
/**
 * GET /api/slides/:id/annotations: in the order of their making; with a box, in level-0 px, those that touch it. Pass the
 * answer's `next` as `after`; a page ends early where its outlines have many positions.
 */
export const AnnotationQuery = Type.Object({
  x0: Type.Optional(Level0Px),
  y0: Type.Optional(Level0Px),
  width0: Type.Optional(Length0),
  height0: Type.Optional(Length0),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000, default: 1000 })),
  after: Type.Optional(Type.Integer({ minimum: 0 })),
});
export const AnnotationList = Type.Object({
  annotations: Type.Array(AnnotationMessage),
  /** Of the whole slide. */
  total: Type.Integer(),
  next: Nullable(Type.Integer()),
});
export type AnnotationList = Static<typeof AnnotationList>;

/** POST /api/slides/:id/annotations */
export const AnnotationDraft = Type.Object({
  id: Type.Optional(Type.String({ format: 'uuid' })),
  geometry: GeometryGiven,
  ...Type.Partial(Type.Object(content)).properties,
});
export type AnnotationDraft = Static<typeof AnnotationDraft>;

/** PATCH /api/slides/:id/annotations/:annotationId: version is the one that was read, so that nobody's work is lost. */
export const AnnotationChange = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  geometry: Type.Optional(GeometryGiven),
  ...Type.Partial(Type.Object(content)).properties,
});
export type AnnotationChange = Static<typeof AnnotationChange>;

/** DELETE …/:annotationId?version=, and POST …/:annotationId/restore with it as body, within a day. */
export const AnnotationVersion = Type.Object({ version: Type.Integer({ minimum: 1 }) });

/** POST /api/slides/:id/annotations/import: the body is a GeoJSON file, plain or gzipped. */
export const AnnotationImportQuery = Type.Object({
  /** 1: reports and changes nothing. */
  dryRun: Type.Optional(Type.Enum(['0', '1'] as const)),
  /** What becomes of annotations whose id the slide has already. */
  same: Type.Optional(Type.Enum(['keep', 'replace'] as const)),
});
export const AnnotationImportReport = Type.Object({
  dryRun: Type.Boolean(),
  features: Type.Integer(),
  added: Type.Integer(),
  replaced: Type.Integer(),
  /** Here already, and left as they are. */
  kept: Type.Integer(),
  refused: Type.Integer(),
  /** The first hundred that are refused; index counts the file's features from 0. */
  refusals: Type.Array(Type.Object({ index: Type.Integer(), name: Nullable(Type.String()), problem: ProblemMessage })),
  /** Content of features that are taken, which is not kept. */
  leftOut: Type.Array(Type.Object({ what: Type.Enum(leftOutKinds), features: Type.Integer() })),
});
export type AnnotationImportReport = Static<typeof AnnotationImportReport>;
