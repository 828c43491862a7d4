import { createHash } from 'node:crypto';
import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import type { Api } from '../api.ts';
import { requireRun } from '../jobs/require-run.ts';
import { notModified } from '../not-modified.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
/** The page holds its pictures and style; it may run nothing, ask for nothing and is of no origin. */
const policy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** The page that an evaluation leaves. */
export async function runReport(app: Api): Promise<void> {
  app.get('/api/runs/:id/report', { config, schema: { params } }, async (request, reply) => {
    const runId = request.params.id;
    await requireRun(app.connection.db, runId);
    const key = `runs/${runId}/report.html`;
    if ((await app.store.size(key)) === undefined) throw noReport(runId);
    const page = await app.store.get(key);
    reply.header('content-security-policy', policy);
    if (notModified(request, reply, createHash('sha256').update(page).digest('hex').slice(0, 32))) return reply.send();
    return reply.type('text/html; charset=utf-8').send(page);
  });
}

function noReport(runId: number): StromaError {
  return new StromaError(
    {
      code: 'run.no-report',
      message: 'The run has no report.',
      expected: 'a finished evaluation',
      where: `run ${runId}`,
      remedy: 'Wait until the job’s evaluation is done.',
    },
    404,
  );
}
