import { Type } from '@fastify/type-provider-typebox';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import { CropId } from '@stroma/core/http/crop';
import { PatchAttention } from '@stroma/core/http/patch-attention';
import { findCrop } from '@stroma/db/cohort-crops';
import { walkPrediction } from '@stroma/db/walk-predictions';
import type { Api, ApiOptions } from '../api.ts';
import { goneSignal } from '../gone-signal.ts';
import { askInference } from '../inference/ask-inference.ts';

const params = Type.Object({ id: Type.Integer({ minimum: 1 }), cropId: CropId });

export async function patchAttention(app: Api, { inferenceSocket }: ApiOptions): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/predictions/:id/crops/:cropId/patch-attention',
    { config: { rule: 'signed-in', long: true }, schema: { params, response: { 200: PatchAttention } } },
    async (request, reply) => {
      const { id, cropId } = request.params;
      const prediction = await walkPrediction(db, id);
      if (!prediction) {
        throw new StromaError({ code: 'prediction.unknown', message: `There is no prediction ${id}.` }, 404);
      }
      const name = parseCropId(cropId);
      const crop = name && (await findCrop(db, name.cropSetId, name.ix));
      if (!crop) throw new StromaError({ code: 'crop.unknown', message: `There is no crop ${cropId}.` }, 404);
      if (name.cropSetId !== prediction.cropSetId) throw otherCrops(prediction.cropSetId, cropId, id);
      type Found = Pick<PatchAttention, 'grid' | 'heads'>;
      const body = { checkpointId: prediction.checkpointId, cropId };
      const found = await askInference<Found>(inferenceSocket, '/patch-attention', body, goneSignal(reply));
      // Neither an encoder nor a crop changes under its name.
      reply.header('cache-control', 'private, max-age=31536000, immutable');
      return { encoder: prediction.encoder, cropId, ...found };
    },
  );
}

function otherCrops(cropSetId: number, cropId: string, predictionId: number): StromaError {
  return new StromaError({
    code: 'patch_attention.crop',
    message: 'The crop is none of those that the grade rests on, so its encoder may not fit it.',
    expected: `a crop of crop set ${cropSetId}`,
    found: `crop ${cropId}`,
    where: `prediction ${predictionId}`,
    remedy: 'Choose a crop on the graded slide.',
  });
}
