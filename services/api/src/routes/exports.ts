import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { encoderLabel } from '@stroma/core/http/common';
import {
  ExportList,
  ExportMessage,
  ExportPlan,
  ExportRequest,
  ExportSlides,
  ExportSlidesQuery,
} from '@stroma/core/http/export';
import { audit } from '@stroma/db/accounts';
import { createExport, type ExportListRow, findExport, isDone, listExports } from '@stroma/db/export-list';
import type { Api } from '../api.ts';
import { exportFileName } from '../jobs/export-file-name.ts';
import { exportPlan, exportSlides } from '../jobs/export-plan.ts';
import { existingJob } from '../jobs/job-message.ts';
import { notModified } from '../not-modified.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export async function exports(app: Api): Promise<void> {
  const { db } = app.connection;

  app.post(
    '/api/exports',
    { config, schema: { body: ExportRequest, response: { 201: ExportMessage } } },
    async (request, reply) => {
      const { jobId, encoder, layout, names = 'coded' } = request.body;
      const createdBy = request.user.id;
      const { cohortId } = await existingJob(db, jobId);
      const stage = layout === 'scores' ? 'predict' : 'embed';
      if (!(await isDone(db, { jobId, encoder, stage }))) throw notThere(jobId, encoder, stage);
      const id = await db.transaction().execute(async (tx) => {
        const created = await createExport(tx, { jobId, cohortId, encoder, layout, names, createdBy });
        const detail = { jobId, encoder, layout, names };
        await audit(tx, { userId: createdBy, action: 'export.made', subject: `export:${created}`, detail });
        return created;
      });
      return reply.code(201).send(exportMessage(await existing(id)));
    },
  );

  app.get(
    '/api/exports',
    {
      config,
      schema: {
        querystring: Type.Object({ jobId: Type.Optional(Type.Integer({ minimum: 1 })) }),
        response: { 200: ExportList },
      },
    },
    async (request) => ({ exports: (await listExports(db, request.query.jobId)).map(exportMessage) }),
  );

  app.get('/api/jobs/:id/export-plan', { config, schema: { params, response: { 200: ExportPlan } } }, async (request) =>
    exportPlan(db, await existingJob(db, request.params.id)),
  );

  app.get(
    '/api/jobs/:id/export-slides',
    { config, schema: { params, querystring: ExportSlidesQuery, response: { 200: ExportSlides } } },
    async (request) => exportSlides(db, await existingJob(db, request.params.id), request.query),
  );

  app.get('/api/exports/:id', { config, schema: { params, response: { 200: ExportMessage } } }, async (request) =>
    exportMessage(await existing(request.params.id)),
  );

  app.get(
    '/api/exports/:id/download',
    { config: { ...config, long: true }, schema: { params } },
    async (request, reply) => {
      const made = await existing(request.params.id);
      if (made.status !== 'ready' || !made.objectKey || !made.sha256) throw notReady(made);
      if (notModified(request, reply, made.sha256)) return reply.send();
      return reply
        .type('application/zip')
        .header('content-length', await app.store.size(made.objectKey))
        .header('content-disposition', `attachment; filename="${exportFileName(made)}"`)
        .send(app.store.stream(made.objectKey));
    },
  );

  async function existing(id: number): Promise<ExportListRow> {
    const row = await findExport(db, id);
    if (row) return row;
    throw new StromaError({ code: 'export.unknown', message: 'There is no such export.', found: `export ${id}` }, 404);
  }
}

function exportMessage({
  objectKey: _,
  cohortName,
  createdAt,
  encoder,
  layout,
  names,
  ...row
}: ExportListRow): ExportMessage {
  return {
    ...row,
    fileName: exportFileName({ cohortName, encoder, layout }),
    encoder: encoder as ExportMessage['encoder'],
    layout: layout as ExportMessage['layout'],
    names: names as ExportMessage['names'],
    createdAt: createdAt.toISOString(),
  };
}

function notThere(jobId: number, encoder: keyof typeof encoderLabel, stage: 'embed' | 'predict'): StromaError {
  const [code, what, done] =
    stage === 'embed'
      ? ['export.embeddings', 'embeddings', 'embedded the cohort']
      : ['export.scores', 'scores of crops', 'graded the cohort'];
  return new StromaError(
    {
      code,
      message: `The job has no ${encoderLabel[encoder]} ${what} yet.`,
      expected: `a finished ${stage} run of ${encoderLabel[encoder]}`,
      where: `job ${jobId}`,
      remedy: `Wait until the job has ${done}, then export again.`,
    },
    409,
  );
}

function notReady({ id, status }: ExportListRow): StromaError {
  return new StromaError(
    {
      code: 'export.not-ready',
      message: 'The export is not ready to be taken away.',
      expected: 'ready',
      found: status,
      where: `export ${id}`,
      remedy:
        status === 'failed' ? 'Make a new export; this one’s error says what went wrong.' : 'Wait until it is ready.',
    },
    409,
  );
}
