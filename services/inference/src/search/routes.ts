import { StromaError } from '@stroma/core/errors';
import { SimilarCropsRequest } from '@stroma/core/http/similar-crops';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { CropSearch } from './crop-search.ts';

/** POST /similar-crops of the internal API: the public request with its job. */
const InternalSearch = Type.Object({ jobId: Type.Integer(), ...SimilarCropsRequest.properties });

export function searchRoutes(server: FastifyInstance, search: CropSearch, log: (message: string) => void): void {
  server.post('/similar-crops', async (request, reply) => {
    const { jobId, ...wanted } = checked(request.body);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort(nobodyWaits()));
    const answer = await search.search(jobId, wanted, gone.signal);
    log(`search in job ${jobId}, ${answer.compared} crops (${answer.seconds.toFixed(3)} s)`);
    return answer;
  });
}

function checked(body: unknown): Static<typeof InternalSearch> {
  if (Value.Check(InternalSearch, body)) return body;
  const [first] = Value.Errors(InternalSearch, body);
  throw new StromaError(
    {
      code: 'request.invalid',
      message: 'The request is not a search.',
      expected: 'jobId, encoder, of (a crop or a rectangle), optionally filter and count',
      found: `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim(),
    },
    400,
  );
}

function nobodyWaits(): StromaError {
  return new StromaError({ code: 'inference.aborted', message: 'Nobody waits for the answer.' }, 499);
}
