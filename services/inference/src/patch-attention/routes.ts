import { CropId } from '@stroma/core/http/crop';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { checkedBody, goneSignal } from '../internal-request.ts';
import type { PatchAttentions } from './patch-attentions.ts';

/** POST /patch-attention of the internal API: the api has checked that the encoder saw this crop's set. */
const InternalLook = Type.Object({ checkpointId: Type.Integer(), cropId: CropId });

export function patchAttentionRoutes(server: FastifyInstance, attentions: PatchAttentions): void {
  server.post('/patch-attention', async (request, reply) => {
    const { checkpointId, cropId } = checkedBody(InternalLook, request.body, 'checkpointId, cropId');
    return await attentions.of(checkpointId, cropId, goneSignal(reply));
  });
}
