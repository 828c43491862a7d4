import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { FailedReadingList, RetryAnswer, SlideRunList } from '@stroma/core/http/slide-run';
import { audit } from '@stroma/db/accounts';
import { stepsOfRuns } from '@stroma/db/run-steps';
import { findSlide } from '@stroma/db/slide-list';
import { failedReadings, retryRun, runState, runsOfSlide } from '@stroma/db/slide-runs';
import type { Api } from '../api.ts';
import { noSlide } from '../slides/slide-message.ts';
import { slideRunMessage } from '../slides/slide-run-message.ts';

const config = { rule: 'signed-in' } as const;

export async function slideRuns(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/slides/:id/runs',
    {
      config,
      schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }), response: { 200: SlideRunList } },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await findSlide(db, id))) throw noSlide(id);
      const rows = await runsOfSlide(db, id);
      const steps = await stepsOfRuns(
        db,
        rows.map((row) => row.id),
      );
      return { runs: rows.map((row) => slideRunMessage(row, steps)) };
    },
  );

  app.get('/api/failed-readings', { config, schema: { response: { 200: FailedReadingList } } }, async () => {
    const rows = await failedReadings(db);
    return {
      readings: rows.map(({ id, name, error, endedAt }) => ({
        runId: id,
        name: name ?? 'an upload',
        error,
        endedAt: endedAt?.toISOString() ?? null,
      })),
    };
  });

  app.post(
    '/api/runs/:id/retry',
    {
      config,
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: { 202: RetryAnswer } },
    },
    async (request, reply) => {
      const { id } = request.params;
      const run = await runState(db, id);
      if (!run) throw noRun(id);
      await db.transaction().execute(async (trx) => {
        if (!(await retryRun(trx, id))) throw notRetried(run);
        await audit(trx, { userId: request.user.id, action: 'run.retried', subject: `run:${id}` });
      });
      return reply.code(202).send({ runId: id });
    },
  );
}

function noRun(id: number): StromaError {
  return new StromaError({ code: 'run.unknown', message: 'There is no such run.', found: `run ${id}` }, 404);
}

function notRetried({ id, stage, status }: { id: number; stage: string; status: string }): StromaError {
  const isExport = stage === 'export';
  return new StromaError(
    {
      code: 'run.not_retried',
      message: isExport
        ? 'An export is not carried out again.'
        : 'Only a run that failed or was stopped can be retried.',
      expected: 'a run that failed or was stopped',
      found: `${stage}, ${status}`,
      where: `run ${id}`,
      remedy: isExport ? 'Ask for a new export.' : 'Load the page again to see how far the run is.',
    },
    409,
  );
}
