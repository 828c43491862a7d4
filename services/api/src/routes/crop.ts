import { Type } from '@fastify/type-provider-typebox';
import { parseCropId } from '@stroma/core/contract/manifest';
import { StromaError } from '@stroma/core/errors';
import { CropDetail, CropId } from '@stroma/core/http/crop';
import { spacingOf } from '@stroma/core/units';
import { cropNeighbours, findCropDetail } from '@stroma/db/crop-detail';
import type { Api } from '../api.ts';

export async function crop(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/crops/:cropId',
    {
      config: { rule: 'signed-in' },
      schema: { params: Type.Object({ cropId: CropId }), response: { 200: CropDetail } },
    },
    async (request) => {
      const { cropId } = request.params;
      const name = parseCropId(cropId);
      const row = name && (await findCropDetail(db, name.cropSetId, name.ix));
      if (!row) {
        throw new StromaError(
          {
            code: 'crop.unknown',
            message: 'There is no such crop.',
            found: `crop ${cropId}`,
            remedy: 'Choose a crop on the slide: its crops may have been cut again.',
          },
          404,
        );
      }
      const { effectiveMppX, effectiveMppY, size0X, size0Y, ...rest } = row;
      const sides = { size0X: size0X ?? 0, size0Y: size0Y ?? 0 };
      const share = row.stridePx / row.sizePx;
      const strides = { stride0X: sides.size0X * share, stride0Y: sides.size0Y * share };
      const neighbours = await cropNeighbours(db, { ...row, ...strides, ix: name.ix });
      return {
        ...rest,
        ...sides,
        id: cropId,
        effectiveMpp: spacingOf(effectiveMppX, effectiveMppY),
        neighbours: neighbours.map(({ ix, ...place }) => ({ id: `${row.cropSetId}:${ix}`, ...place })),
      };
    },
  );
}
