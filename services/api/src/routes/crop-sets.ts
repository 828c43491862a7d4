import { CropSetAnswer, CropSetRequest } from '@stroma/core/http/slide';
import { requestCropSets } from '@stroma/db/crop-sets';
import { slideScales } from '@stroma/db/slide-list';
import type { Api } from '../api.ts';
import { cropGrid } from '../slides/crop-grid.ts';
import { requireCuttable } from '../slides/cuttable.ts';

export async function cropSets(app: Api): Promise<void> {
  const { db } = app.connection;

  app.post(
    '/api/crop-sets',
    {
      config: { rule: 'signed-in' },
      bodyLimit: 8_000_000,
      schema: { body: CropSetRequest, response: { 202: CropSetAnswer } },
    },
    async (request, reply) => {
      const { slideIds, mpp, ...grid } = request.body;
      requireCuttable(await slideScales(db, slideIds), Math.min(...mpp));
      const sets = await requestCropSets(db, slideIds, mpp, cropGrid(grid));
      return reply.code(202).send({ cropSetIds: sets.map((set) => set.cropSetId) });
    },
  );
}
