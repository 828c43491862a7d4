import { StromaError } from '@stroma/core/errors';
import { CropId } from '@stroma/core/http/crop';
import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { PatchAttentions } from './patch-attentions.ts';

/** POST /patch-attention of the internal API: the api has checked that the encoder saw this crop's set. */
const InternalLook = Type.Object({ checkpointId: Type.Integer(), cropId: CropId });

export function patchAttentionRoutes(server: FastifyInstance, attentions: PatchAttentions): void {
  server.post('/patch-attention', async (request, reply) => {
    const { checkpointId, cropId } = checked(request.body);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort(nobodyWaits()));
    return await attentions.of(checkpointId, cropId, gone.signal);
  });
}

function checked(body: unknown): Static<typeof InternalLook> {
  if (Value.Check(InternalLook, body)) return body;
  const [first] = Value.Errors(InternalLook, body);
  throw new StromaError(
    {
      code: 'request.invalid',
      message: 'The request names no encoder and crop.',
      expected: 'checkpointId, cropId',
      found: `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim(),
    },
    400,
  );
}

function nobodyWaits(): StromaError {
  return new StromaError({ code: 'inference.aborted', message: 'Nobody waits for the answer.' }, 499);
}
