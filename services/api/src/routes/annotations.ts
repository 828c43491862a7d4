import { Type } from '@fastify/type-provider-typebox';
import { readGeometry } from '@stroma/core/annotation/geometry';
import { vertexCount } from '@stroma/core/annotation/measure';
import {
  AnnotationChange,
  AnnotationDraft,
  AnnotationList,
  AnnotationMessage,
  AnnotationQuery,
  AnnotationVersion,
} from '@stroma/core/http/annotation';
import { audit, type UserRow } from '@stroma/db/accounts';
import {
  type AnnotationRow,
  annotationTotals,
  findAnnotation,
  forgetDeleted,
  insertAnnotation,
  listAnnotations,
  updateAnnotation,
} from '@stroma/db/annotations';
import { findSlide, type SlideRow } from '@stroma/db/slide-list';
import {
  annotationMessage,
  changedMeanwhile,
  idTaken,
  locked,
  mayChange,
  noAnnotation,
  notTheirs,
} from '../annotations/annotation-message.ts';
import { roomFor } from '../annotations/room-for.ts';
import type { Api } from '../api.ts';
import { boxOf } from '../slides/crop-box.ts';
import { noSlide } from '../slides/slide-message.ts';

const config = { rule: 'signed-in' } as const;
const ofSlide = Type.Object({ id: Type.String({ format: 'uuid' }) });
const ofAnnotation = Type.Object({ ...ofSlide.properties, annotationId: Type.String({ format: 'uuid' }) });
/** An outline of the most positions, as they are written with two decimals. */
const bodyLimit = 2_000_000;
const pageVertices = 200_000;

/** What people draw on slides. Everyone sees all of it; its author and admins change it. */
export async function annotations(app: Api): Promise<void> {
  const { db } = app.connection;

  async function existingSlide(id: string): Promise<SlideRow> {
    const slide = await findSlide(db, id);
    if (!slide) throw noSlide(id);
    return slide;
  }

  /** One that they may change, in the version they know. */
  async function theirs(slideId: string, id: string, version: number, user: UserRow, isDeleted = false) {
    const row = await findAnnotation(db, slideId, id);
    if (!row || (row.deletedAt !== null) !== isDeleted) throw noAnnotation(id);
    if (!mayChange(row, user)) throw notTheirs(row);
    if (row.version !== version) throw changedMeanwhile(row, version);
    return row;
  }

  async function changed(
    row: AnnotationRow,
    slideId: string,
    user: UserRow,
    action: string,
    change: Parameters<typeof updateAnnotation>[2],
  ): Promise<AnnotationMessage> {
    const { id, version } = row;
    const isChanged = await db.transaction().execute(async (tx) => {
      if (!(await updateAnnotation(tx, { slideId, id, version }, change))) return false;
      await audit(tx, { userId: user.id, action, subject: `slide:${slideId}`, detail: { annotation: id, version } });
      return true;
    });
    const now = await findAnnotation(db, slideId, id);
    if (!now) throw noAnnotation(id);
    if (!isChanged) throw changedMeanwhile(now, version);
    return annotationMessage(now, user);
  }

  app.get(
    '/api/slides/:id/annotations',
    { config, schema: { params: ofSlide, querystring: AnnotationQuery, response: { 200: AnnotationList } } },
    async ({ params: { id }, query, user }) => {
      const { limit = 1000, after } = query;
      const box = boxOf(query);
      await existingSlide(id);
      const page = await listAnnotations(db, { slideId: id, box, limit, after, mostVertices: pageVertices });
      const { count: total } = await annotationTotals(db, id);
      return { ...page, total, annotations: page.annotations.map((row) => annotationMessage(row, user)) };
    },
  );

  app.post(
    '/api/slides/:id/annotations',
    { config, bodyLimit, schema: { params: ofSlide, body: AnnotationDraft, response: { 201: AnnotationMessage } } },
    async ({ params, body, user }, reply) => {
      const slide = await existingSlide(params.id);
      const { id = null, name = null, classification = null, colour = null, isLocked = false } = body;
      const geometry = readGeometry(body.geometry, slide);
      await roomFor(db, slide.id, { count: 1, vertices: vertexCount(geometry) });
      const made = await db.transaction().execute(async (tx) => {
        const content = { id, geometry, name, classification, colour, isLocked };
        const annotation = await insertAnnotation(tx, slide.id, content, user.id);
        if (annotation === undefined) throw idTaken(String(id));
        const detail = { annotation };
        await audit(tx, { userId: user.id, action: 'annotation.created', subject: `slide:${slide.id}`, detail });
        return annotation;
      });
      const row = await findAnnotation(db, slide.id, made);
      if (!row) throw noAnnotation(made);
      return reply.code(201).send(annotationMessage(row, user));
    },
  );

  app.patch(
    '/api/slides/:id/annotations/:annotationId',
    {
      config,
      bodyLimit,
      schema: { params: ofAnnotation, body: AnnotationChange, response: { 200: AnnotationMessage } },
    },
    async ({ params: { id, annotationId }, body: { version, geometry, ...rest }, user }) => {
      const slide = await existingSlide(id);
      const row = await theirs(id, annotationId, version, user);
      if (row.isLocked && geometry && rest.isLocked !== false) throw locked(row);
      const drawn = geometry ? readGeometry(geometry, slide) : row.geometry;
      const content = { ...row, ...rest, geometry: drawn };
      await roomFor(db, id, { count: 0, vertices: vertexCount(drawn) - vertexCount(row.geometry) });
      return await changed(row, id, user, 'annotation.changed', { content });
    },
  );

  app.delete(
    '/api/slides/:id/annotations/:annotationId',
    { config, schema: { params: ofAnnotation, querystring: AnnotationVersion, response: { 200: AnnotationMessage } } },
    async ({ params: { id, annotationId }, query: { version }, user }) => {
      const row = await theirs(id, annotationId, version, user);
      if (row.isLocked) throw locked(row);
      await forgetDeleted(db, id);
      return await changed(row, id, user, 'annotation.deleted', { deleted: true });
    },
  );

  app.post(
    '/api/slides/:id/annotations/:annotationId/restore',
    { config, schema: { params: ofAnnotation, body: AnnotationVersion, response: { 200: AnnotationMessage } } },
    async ({ params: { id, annotationId }, body: { version }, user }) => {
      const row = await theirs(id, annotationId, version, user, true);
      await roomFor(db, id, { count: 1, vertices: vertexCount(row.geometry) });
      return await changed(row, id, user, 'annotation.restored', { deleted: false });
    },
  );
}
