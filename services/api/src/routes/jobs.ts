import type { ServerResponse } from 'node:http';
import { Type } from '@fastify/type-provider-typebox';
import {
  JobDetail,
  JobList,
  JobMessage,
  JobRequest,
  MetricSeries,
  RerunRequest,
  ResumeQuery,
} from '@stroma/core/http/job';
import { JobProvenance } from '@stroma/core/http/provenance';
import { audit } from '@stroma/db/accounts';
import { listJobs, resumeJob, runsOfJob, stopJob } from '@stroma/db/jobs';
import { runLog, runMetrics } from '@stroma/db/run-list';
import type { Api } from '../api.ts';
import { streamChanges } from '../jobs/change-stream.ts';
import { existingJob, jobDetail, jobMessage } from '../jobs/job-message.ts';
import { maxPoints, metricSeries } from '../jobs/metric-series.ts';
import { jobProvenance } from '../jobs/provenance.ts';
import { requireRun } from '../jobs/require-run.ts';
import { rerunJob } from '../jobs/rerun-job.ts';
import { startJob } from '../jobs/start-job.ts';
import { takeSocket } from '../raw-answer.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const logLines = 500;

export async function jobs(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/jobs',
    {
      config,
      schema: {
        querystring: Type.Object({ cohortId: Type.Optional(Type.Integer({ minimum: 1 })) }),
        response: { 200: JobList },
      },
    },
    async (request) => ({ jobs: (await listJobs(db, request.query.cohortId)).map(jobMessage) }),
  );

  app.post(
    '/api/jobs',
    { config, schema: { body: JobRequest, response: { 201: JobMessage } } },
    async (request, reply) => {
      const id = await startJob(db, request.body, request.user.id);
      return reply.code(201).send(jobMessage(await existingJob(db, id)));
    },
  );

  app.get('/api/jobs/:id', { config, schema: { params, response: { 200: JobDetail } } }, (request) =>
    jobDetail(db, request.params.id),
  );

  app.get('/api/jobs/:id/provenance', { config, schema: { params, response: { 200: JobProvenance } } }, (request) =>
    jobProvenance(db, app.store, request.params.id),
  );

  async function changeJob(
    jobId: number,
    userId: string,
    action: string,
    change: (tx: Parameters<typeof stopJob>[0]) => Promise<void>,
  ) {
    const { id } = await existingJob(db, jobId);
    await db.transaction().execute(async (tx) => {
      await change(tx);
      await audit(tx, { userId, action, subject: `job:${id}` });
    });
    return await jobDetail(db, id);
  }

  app.post('/api/jobs/:id/stop', { config, schema: { params, response: { 200: JobDetail } } }, (request) => {
    const { id } = request.params;
    return changeJob(id, request.user.id, 'job.stopped', (tx) => stopJob(tx, id));
  });

  app.post(
    '/api/jobs/:id/resume',
    { config, schema: { params, querystring: ResumeQuery, response: { 200: JobDetail } } },
    (request) => {
      const { id } = request.params;
      const action = request.query.ignoreAlarms ? 'job.resumed-ignoring-alarms' : 'job.resumed';
      return changeJob(id, request.user.id, action, (tx) => resumeJob(tx, id, request.query));
    },
  );

  app.post(
    '/api/jobs/:id/reruns',
    { config, schema: { params, body: RerunRequest, response: { 201: JobMessage } } },
    async (request, reply) => {
      const base = await existingJob(db, request.params.id);
      const id = await rerunJob(db, base, request.body, request.user.id);
      return reply.code(201).send(jobMessage(await existingJob(db, id)));
    },
  );

  const streams = new Set<ServerResponse>();
  app.addHook('preClose', async () => {
    for (const stream of streams) stream.end();
  });
  app.get(
    '/api/jobs/:id/events',
    { config: { ...config, long: true }, schema: { params, hide: true }, exposeHeadRoute: false },
    async (request, reply) => {
      const { id } = await existingJob(db, request.params.id);
      const runs = await runsOfJob(db, id);
      takeSocket(reply);
      reply.raw.writeHead(200, { 'content-type': 'text/event-stream' });
      streams.add(reply.raw);
      reply.raw.once('close', () => streams.delete(reply.raw));
      streamChanges(reply.raw, app.runsDoorbell, runs);
    },
  );

  app.get('/api/runs/:id/metrics', { config, schema: { params, response: { 200: MetricSeries } } }, async (request) => {
    const runId = request.params.id;
    await requireRun(db, runId);
    const [points, log] = await Promise.all([runMetrics(db, runId, maxPoints - 1), runLog(db, runId, logLines)]);
    return {
      runId,
      series: metricSeries(points),
      log: log.map(({ at, message }) => ({ at: at.toISOString(), message })),
    };
  });
}
