import { Type } from '@fastify/type-provider-typebox';
import {
  PredictionList,
  SlideChange,
  SlideDetail,
  SlideFilterValues,
  SlideList,
  SlideQuery,
} from '@stroma/core/http/slide';
import { spacingOf } from '@stroma/core/units';
import { audit } from '@stroma/db/accounts';
import { slidePredictions } from '@stroma/db/prediction-list';
import { slideIdentifiers } from '@stroma/db/slide-identifiers';
import { findSlide, listSlides, slideFiles, slideLevels } from '@stroma/db/slide-list';
import { slideFilterValues } from '@stroma/db/slide-page';
import { chooseScale } from '@stroma/db/slide-scales';
import type { Api } from '../api.ts';
import { notModified } from '../not-modified.ts';
import { gradeTrust } from '../slides/grade-trust.ts';
import { identifyingField } from '../slides/identifying-field.ts';
import { modelSpread } from '../slides/model-spread.ts';
import { noSlide, notStated, readCursor, slideMessage, writeCursor } from '../slides/slide-message.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.String({ format: 'uuid' }) });

export async function slides(app: Api): Promise<void> {
  const { db } = app.connection;

  async function detail(id: string): Promise<SlideDetail> {
    const row = await findSlide(db, id);
    if (!row) throw noSlide(id);
    const [levels, files, identifiers] = await Promise.all([
      slideLevels(db, id),
      slideFiles(db, id),
      slideIdentifiers(db, id),
    ]);
    return {
      ...slideMessage(row),
      identifiers: identifiers.map(identifyingField),
      files: files.map(({ role, objectKey: _, ...file }) => ({
        ...file,
        role: role as SlideDetail['files'][number]['role'],
      })),
      levels: levels
        .map(({ width, height, tileWidth, tileHeight, downsampleX }, level) => {
          return { zoom: levels.length - 1 - level, width, height, tileWidth, tileHeight, downsample: downsampleX };
        })
        .reverse(),
    };
  }

  app.get(
    '/api/slides',
    { config, schema: { querystring: SlideQuery, response: { 200: SlideList } } },
    async (request) => {
      const { cursor, limit = 100, ...filter } = request.query;
      const page = await listSlides(db, {
        ...filter,
        limit,
        after: cursor ? readCursor(cursor, filter.sort) : undefined,
      });
      return { slides: page.slides.map(slideMessage), total: page.total, next: page.next && writeCursor(page.next) };
    },
  );

  app.get('/api/slides/filters', { config, schema: { response: { 200: SlideFilterValues } } }, () =>
    slideFilterValues(db),
  );

  app.get('/api/slides/:id', { config, schema: { params, response: { 200: SlideDetail } } }, (request) =>
    detail(request.params.id),
  );

  app.patch(
    '/api/slides/:id',
    { config, schema: { params, body: SlideChange, response: { 200: SlideDetail } } },
    async (request) => {
      const { id } = request.params;
      const { scale } = request.body;
      const row = await findSlide(db, id);
      if (!row) throw noSlide(id);
      const before = spacingOf(row.mppX, row.mppY);
      await db.transaction().execute(async (tx) => {
        const { without, stale } = await chooseScale(tx, [id], scale);
        if (without > 0) throw notStated(id, scale.use);
        const entry = { action: 'slide.scale-chosen', subject: `slide:${id}`, detail: { before, scale, stale } };
        await audit(tx, { userId: request.user.id, ...entry });
      });
      return await detail(id);
    },
  );

  app.get('/api/slides/:id/thumbnail', { config, schema: { params } }, async (request, reply) => {
    const { id } = request.params;
    const row = await findSlide(db, id);
    if (!row) throw noSlide(id);
    if (notModified(request, reply, `${row.sha256.slice(0, 32)}-thumbnail`)) return reply.send();
    return reply.type('image/jpeg').send(await app.store.get(row.thumbnailKey));
  });

  app.get(
    '/api/slides/:id/predictions',
    { config, schema: { params, response: { 200: PredictionList } } },
    async (request) => {
      const rows = await slidePredictions(db, request.params.id);
      return {
        predictions: rows.map(({ label, createdAt, encoder, calibration, modelProbabilities, ...row }) => ({
          ...row,
          spread: modelProbabilities && modelSpread(modelProbabilities, row.classes.length),
          trust: gradeTrust(row, calibration),
          encoder: encoder as 'dino' | 'gen_dino',
          truth: label === null ? null : (row.classes[label] ?? null),
          createdAt: createdAt.toISOString(),
        })),
      };
    },
  );
}
