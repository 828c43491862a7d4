import { Type } from '@fastify/type-provider-typebox';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import {
  InterpolationAnswer,
  InterpolationRequest,
  WalkDetail,
  WalkFileQuery,
  WalkProposal,
  WalkQuery,
  WalkTowards,
} from '@stroma/core/http/interpolation';
import { calibratedAs } from '@stroma/core/statistics/fitted-for';
import { isMember } from '@stroma/db/cohorts';
import { placesOfCrops } from '@stroma/db/crop-list';
import { slideWalkPredictions, walkPrediction } from '@stroma/db/walk-predictions';
import type { FastifyReply } from 'fastify';
import type { Api, ApiOptions } from '../api.ts';
import { askInference } from '../inference/ask-inference.ts';
import { existingJob } from '../jobs/job-message.ts';

const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
const config = { rule: 'signed-in', long: true } as const;

export async function interpolations(app: Api, { inferenceSocket }: ApiOptions): Promise<void> {
  const { db } = app.connection;
  const ask = <Answer>(path: string, body: object, reply: FastifyReply) => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    return askInference<Answer>(inferenceSocket, path, body, gone.signal);
  };

  app.post(
    '/api/jobs/:id/interpolations',
    { config, schema: { params, body: InterpolationRequest, response: { 200: InterpolationAnswer } } },
    async (request, reply) => {
      const job = await existingJob(db, request.params.id);
      await requireMembers(job, request.body);
      return await ask<InterpolationAnswer>('/interpolations', { jobId: job.id, ...request.body }, reply);
    },
  );

  app.get(
    '/api/jobs/:id/walk',
    { config, schema: { params, querystring: WalkQuery, response: { 200: WalkDetail } } },
    async (request, reply) => {
      const job = await existingJob(db, request.params.id);
      const jobId = job.id;
      const { primary, secondary } = await requireMembers(job, request.query);
      type Opening = Pick<WalkDetail, 'steps' | 'guidanceScale' | 'imagePx'>;
      const opening = await ask<Opening>('/walks/opening', { jobId }, reply);
      const cropSetId = parseCropId(primary.cropId)?.cropSetId;
      const grades = (await slideWalkPredictions(db, jobId, primary.slideId))
        .filter((prediction) => prediction.cropSetId === cropSetId)
        .map((prediction) => {
          const { id, encoder, classes, probabilities, folds, heldOut, cropCount } = prediction;
          const calibrated = calibratedAs(prediction, probabilities);
          return { encoder, predictionId: id, classes, probabilities, calibrated, folds, heldOut, cropCount };
        });
      return { jobId, primary, secondary, ...opening, grades };
    },
  );

  app.get(
    '/api/jobs/:id/walk/file',
    { config, schema: { params, querystring: WalkFileQuery } },
    async (request, reply) => {
      const job = await existingJob(db, request.params.id);
      await requireMembers(job, request.query);
      type File = { name: string; type: string; content: string };
      const file = await ask<File>('/walks/file', { jobId: job.id, ...request.query }, reply);
      return reply
        .type(file.type)
        .header('content-disposition', `attachment; filename="${file.name}"`)
        .send(Buffer.from(file.content, 'base64'));
    },
  );

  app.post(
    '/api/predictions/:id/walks',
    { config, schema: { params, body: WalkTowards, response: { 200: WalkProposal } } },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await walkPrediction(db, id))) {
        throw new StromaError({ code: 'prediction.unknown', message: `There is no prediction ${id}.` }, 404);
      }
      return await ask<WalkProposal>('/walks/proposal', { predictionId: id, ...request.body }, reply);
    },
  );

  /** Slides of the job’s cohort, and those that came later and its models graded. */
  async function requireMembers(job: { id: number; cohortId: number }, { primaryCropId, secondaryCropId }: WalkQuery) {
    const ids = [primaryCropId, secondaryCropId];
    const places = await placesOfCrops(
      db,
      ids.flatMap((id) => parseCropId(id) ?? []),
    );
    const [primary, secondary] = await Promise.all(
      ids.map(async (id) => {
        const place = places.find((one) => one.cropId === id);
        if (place && (await isMember(db, job.cohortId, place.slideId))) return place;
        if (place && (await slideWalkPredictions(db, job.id, place.slideId)).length > 0) return place;
        throw new StromaError({
          code: 'interpolation.crop',
          message: 'Only crops of the job’s own cohort, or of slides that it graded, can be walked between.',
          expected: `a crop of a slide of cohort ${job.cohortId}, or of one that job ${job.id} graded`,
          found: place ? `crop ${id} of another slide` : `no crop ${id}`,
          remedy: 'Choose two crops in the viewer of one of the cohort’s slides.',
        });
      }),
    );
    if (!primary || !secondary) throw new RangeError('two crops are asked for');
    return { primary, secondary };
  }
}
