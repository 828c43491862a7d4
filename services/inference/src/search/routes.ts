import { SimilarCropsRequest } from '@stroma/core/http/similar-crops';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { checkedBody, goneSignal } from '../internal-request.ts';
import type { CropSearch } from './crop-search.ts';

/** POST /similar-crops of the internal API: the public request with its job. */
const InternalSearch = Type.Object({ jobId: Type.Integer(), ...SimilarCropsRequest.properties });
const expected = 'jobId, encoder, of (a crop or a rectangle), optionally filter and count';

export function searchRoutes(server: FastifyInstance, search: CropSearch, log: (message: string) => void): void {
  server.post('/similar-crops', async (request, reply) => {
    const { jobId, ...wanted } = checkedBody(InternalSearch, request.body, expected);
    const answer = await search.search(jobId, wanted, goneSignal(reply));
    log(`search in job ${jobId}, ${answer.compared} crops (${answer.seconds.toFixed(3)} s)`);
    return answer;
  });
}
