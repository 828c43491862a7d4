import { Type } from '@fastify/type-provider-typebox';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import { InterpolationAnswer, InterpolationRequest } from '@stroma/core/http/interpolation';
import { isMember } from '@stroma/db/cohorts';
import { slidesOfCrops } from '@stroma/db/crop-list';
import type { Api, ApiOptions } from '../api.ts';
import { askInference } from '../inference/ask-inference.ts';
import { existingJob } from '../jobs/job-message.ts';

export async function interpolations(app: Api, { inferenceSocket }: ApiOptions): Promise<void> {
  const { db } = app.connection;

  app.post(
    '/api/jobs/:id/interpolations',
    {
      config: { rule: 'signed-in', long: true },
      schema: {
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        body: InterpolationRequest,
        response: { 200: InterpolationAnswer },
      },
    },
    async (request, reply) => {
      const job = await existingJob(db, request.params.id);
      await requireMembers(job.cohortId, [request.body.primaryCropId, request.body.secondaryCropId]);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      const body = { jobId: job.id, ...request.body };
      return await askInference<InterpolationAnswer>(inferenceSocket, '/interpolations', body, gone.signal);
    },
  );

  async function requireMembers(cohortId: number, cropIds: string[]): Promise<void> {
    const crops = cropIds.flatMap((id) => parseCropId(id) ?? []);
    const slides = await slidesOfCrops(db, crops);
    for (const id of cropIds) {
      const slide = slides.get(id);
      if (slide && (await isMember(db, cohortId, slide))) continue;
      throw new StromaError({
        code: 'interpolation.crop',
        message: 'Only crops of the job’s own cohort can be walked between.',
        expected: `a crop of a slide of cohort ${cohortId}`,
        found: slide ? `crop ${id} of another slide` : `no crop ${id}`,
        remedy: 'Choose two crops in the viewer of one of the cohort’s slides.',
      });
    }
  }
}
