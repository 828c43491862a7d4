import { Type } from '@fastify/type-provider-typebox';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import { CropList, CropQuery } from '@stroma/core/http/slide';
import { spacingOf } from '@stroma/core/units';
import { findCrop } from '@stroma/db/cohort-crops';
import { cropPlaces, findCropSet } from '@stroma/db/crop-list';
import { cropsInBox } from '@stroma/db/crops-in-box';
import type { Api } from '../api.ts';
import { existingJob } from '../jobs/job-message.ts';
import { notModified } from '../not-modified.ts';
import { boxOf, readPosition, writePosition } from '../slides/crop-box.ts';

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
}

function unknown(kind: string, found: string): StromaError {
  return new StromaError(
    { code: `${kind}.unknown`, message: `There is no such ${kind.replace('-', ' ')}.`, found },
    404,
  );
}
