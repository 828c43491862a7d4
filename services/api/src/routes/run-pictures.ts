import { createHash } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { type RunPicture, RunPictures } from '@stroma/core/http/job';
import { findPicture, runPictures } from '@stroma/db/run-pictures';
import type { Api } from '../api.ts';
import { requireRun } from '../jobs/require-run.ts';
import { notModified } from '../not-modified.ts';

const config = { rule: 'signed-in' } as const;
const id = Type.Integer({ minimum: 1 });

/** Pictures of a training, addressed by their content: a browser asks for each once. */
export async function runPictureRoutes(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/runs/:id/pictures',
    { config, schema: { params: Type.Object({ id }), response: { 200: RunPictures } } },
    async (request) => {
      const runId = request.params.id;
      await requireRun(db, runId);
      const rows = await runPictures(db, runId);
      return {
        runId,
        pictures: rows.map(({ path: _, name, ...row }) => ({ ...row, name: name as RunPicture['name'] })),
      };
    },
  );

  const params = Type.Object({ id, sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }) });
  app.get('/api/runs/:id/pictures/:sha256', { config, schema: { params } }, async (request, reply) => {
    const { id: runId, sha256 } = request.params;
    const path = await findPicture(db, runId, sha256);
    if (!path) throw noPicture(runId, sha256, 'no event of the run names it');
    const key = `runs/${runId}/${path}`;
    if ((await app.store.size(key)) === undefined) throw noPicture(runId, sha256, 'its file is gone');
    const png = await app.store.get(key);
    // A run that goes on from a checkpoint makes its pictures anew, under the same names.
    if (createHash('sha256').update(png).digest('hex') !== sha256) throw noPicture(runId, sha256, 'it was made anew');
    if (notModified(request, reply, sha256.slice(0, 32))) return reply.send();
    return reply.type('image/png').send(png);
  });
}

function noPicture(runId: number, sha256: string, found: string): StromaError {
  return new StromaError(
    {
      code: 'run.picture-unknown',
      message: 'The run has no such picture.',
      expected: `a picture with SHA-256 ${sha256}`,
      found,
      where: `run ${runId}`,
      remedy: 'Ask for the run’s pictures again.',
    },
    404,
  );
}
