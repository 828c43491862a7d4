import { Type } from '@fastify/type-provider-typebox';
import { SimilarCropsAnswer, SimilarCropsRequest } from '@stroma/core/http/similar-crops';
import type { Api, ApiOptions } from '../api.ts';
import { goneSignal } from '../gone-signal.ts';
import { askInference } from '../inference/ask-inference.ts';
import { existingJob } from '../jobs/job-message.ts';

export async function similarCrops(app: Api, { inferenceSocket }: ApiOptions): Promise<void> {
  app.post(
    '/api/jobs/:id/similar-crops',
    {
      config: { rule: 'signed-in', long: true },
      schema: {
        params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
        body: SimilarCropsRequest,
        response: { 200: SimilarCropsAnswer },
      },
    },
    async (request, reply) => {
      // Whoever may see the job sees its cohort, and nothing else is compared.
      const job = await existingJob(app.connection.db, request.params.id);
      const body = { jobId: job.id, ...request.body };
      return await askInference<SimilarCropsAnswer>(inferenceSocket, '/similar-crops', body, goneSignal(reply));
    },
  );
}
