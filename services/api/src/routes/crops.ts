import { Type } from '@fastify/type-provider-typebox';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import { AttentionMessage, CropList, CropQuery } from '@stroma/core/http/slide';
import { spacingOf } from '@stroma/core/units';
import { findCrop } from '@stroma/db/cohort-crops';
import { cropPlaces, findCropSet } from '@stroma/db/crop-list';
import { cropsInBox } from '@stroma/db/crops-in-box';
import { findAttention } from '@stroma/db/prediction-list';
import type { Api } from '../api.ts';
import { existingJob } from '../jobs/job-message.ts';
import { notModified } from '../not-modified.ts';
import { boxOf, readPosition, writePosition } from '../slides/crop-box.ts';
import { float32FromBytes, softmax } from '../slides/softmax.ts';

const config = { rule: 'signed-in' } as const;

export async function crops(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/slides/:id/crops',
    {
      config,
      schema: {
        params: Type.Object({ id: Type.String({ format: 'uuid' }) }),
        querystring: CropQuery,
        response: { 200: CropList },
      },
    },
    async (request) => {
      const { cropSetId, jobId, limit = 1000, after } = request.query;
      const box = boxOf(request.query);
      const set = await findCropSet(db, cropSetId);
      if (set?.slideId !== request.params.id) throw unknown('crop-set', `crop set ${cropSetId} of this slide`);
      const job = jobId === undefined ? undefined : await existingJob(db, jobId);
      const selection = job?.cropSelection as CropSelection | undefined;
      const sides = { size0X: set.size0X ?? 0, size0Y: set.size0Y ?? 0 };
      const page = { cropSetId, selection, ...sides, limit, after: after ? readPosition(after) : undefined };
      const { crops: places, next } = box
        ? await cropsInBox(db, { ...page, box })
        : { crops: await cropPlaces(db, cropSetId, selection), next: null };
      return {
        cropSetId,
        mpp: set.mpp,
        sizePx: set.sizePx,
        effectiveMpp: spacingOf(set.effectiveMppX, set.effectiveMppY),
        ...sides,
        crops: places.map((place) => ({ id: `${cropSetId}:${place.ix}`, ...place })),
        next: next && writePosition(next),
      };
    },
  );

  app.get(
    '/api/crops/:cropId/image',
    { config, schema: { params: Type.Object({ cropId: Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' }) }) } },
    async (request, reply) => {
      const { cropId } = request.params;
      const name = parseCropId(cropId);
      const crop = name && (await findCrop(db, name.cropSetId, name.ix));
      if (!crop) throw unknown('crop', `crop ${cropId}`);
      if (notModified(request, reply, `${crop.objectKey}-${crop.byteOffset}-${crop.byteLength}`)) return reply.send();
      const image = await app.store.range(crop.objectKey, crop.byteOffset, crop.byteLength);
      return reply.type('image/jpeg').send(image);
    },
  );

  app.get(
    '/api/predictions/:id/attention',
    {
      config,
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: { 200: AttentionMessage } },
    },
    async (request) => {
      const prediction = await findAttention(db, request.params.id);
      if (!prediction) throw unknown('prediction', `prediction ${request.params.id}`);
      const logits = float32FromBytes(prediction.attentionLogits);
      const places = await cropPlaces(db, prediction.cropSetId, prediction.cropSelection as CropSelection);
      if (places.length !== logits.length) throw mismatch(places.length, logits.length, prediction.id);
      return {
        predictionId: prediction.id,
        cropSetId: prediction.cropSetId,
        size0X: prediction.size0X ?? 0,
        size0Y: prediction.size0Y ?? 0,
        strideShare: prediction.stridePx / prediction.sizePx,
        x0: places.map((place) => place.x0),
        y0: places.map((place) => place.y0),
        attentionLogits: Array.from(logits),
        attention: softmax(logits),
      };
    },
  );
}

function unknown(kind: string, found: string): StromaError {
  return new StromaError(
    { code: `${kind}.unknown`, message: `There is no such ${kind.replace('-', ' ')}.`, found },
    404,
  );
}

function mismatch(crops: number, logits: number, id: number): StromaError {
  return new StromaError(
    {
      code: 'prediction.crops',
      message: 'The attention does not fit the crops that are stored now.',
      expected: `${crops} attention logits`,
      found: String(logits),
      where: `prediction ${id}`,
      remedy: 'Run the prediction again.',
    },
    500,
  );
}
