import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { Lineage, ModelDetail, ModelFileQuery, ModelList } from '@stroma/core/http/model';
import { listModels, type ModelRow } from '@stroma/db/models';
import type { Api } from '../api.ts';
import { activate, deactivate } from '../models/activation.ts';
import { lineageOf, predictionLineage } from '../models/lineage-message.ts';
import { existingModel, filesOf, modelDetail, modelMessage } from '../models/model-message.ts';
import { notModified } from '../not-modified.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ runId: Type.Integer({ minimum: 1 }) });

export async function models(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get('/api/models', { config, schema: { response: { 200: ModelList } } }, async () => ({
    models: (await listModels(db)).map(modelMessage),
  }));

  app.get('/api/models/:runId', { config, schema: { params, response: { 200: ModelDetail } } }, (request) =>
    modelDetail(db, request.params.runId),
  );

  app.get('/api/models/:runId/lineage', { config, schema: { params, response: { 200: Lineage } } }, async (request) => {
    const { runId } = await existingModel(db, request.params.runId);
    return await lineageOf(db, runId);
  });

  app.get(
    '/api/predictions/:id/lineage',
    { config, schema: { params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: { 200: Lineage } } },
    (request) => predictionLineage(db, request.params.id),
  );

  app.get(
    '/api/models/:runId/file',
    { config: { ...config, long: true }, schema: { params, querystring: ModelFileQuery } },
    async (request, reply) => {
      const model = await existingModel(db, request.params.runId);
      const file = filesOf(model).find(({ path }) => path === request.query.path);
      if (!file) throw noFile(model, request.query.path);
      const key = `runs/${model.runId}/${file.path}`;
      // Kept with the run's row; a file that was changed since is not what the row speaks of.
      if ((await app.store.size(key)) !== file.bytes) throw changedFile(model, file.path);
      if (notModified(request, reply, file.sha256)) return reply.send();
      return reply
        .type('application/octet-stream')
        .header('content-length', file.bytes)
        .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
        .header('content-disposition', `attachment; filename="${fileName(model, file.path)}"`)
        .send(app.store.stream(key));
    },
  );

  // Whoever may change what everybody's slides are graded by.
  const adminOnly = { rule: 'admin' } as const;
  const change = { config: adminOnly, schema: { params, response: { 200: ModelDetail } } };
  app.post('/api/models/:runId/activate', change, async (request) => {
    await activate(db, await existingModel(db, request.params.runId), request.user.id);
    return await modelDetail(db, request.params.runId);
  });
  app.post('/api/models/:runId/deactivate', change, async (request) => {
    await deactivate(db, await existingModel(db, request.params.runId), request.user.id);
    return await modelDetail(db, request.params.runId);
  });
}

/** `stroma-model-12-fold-0-abmil.onnx` */
function fileName({ runId }: ModelRow, path: string): string {
  return `stroma-model-${runId}-${path.replace(/^model\//, '').replace(/[^\w.-]+/g, '-')}`;
}

function noFile({ runId }: ModelRow, path: string): StromaError {
  return new StromaError(
    {
      code: 'model.file_unknown',
      message: 'The model has no such file.',
      expected: 'a path of the model’s list of files',
      found: path,
      where: `model ${runId}`,
    },
    404,
  );
}

function changedFile({ runId }: ModelRow, path: string): StromaError {
  return new StromaError(
    {
      code: 'model.file_changed',
      message: 'The stored file is missing, or not as long as it was when the training ended.',
      where: `model ${runId}, ${path}`,
      remedy: 'Restore the file from a backup, or train again.',
    },
    500,
  );
}
