import { Type } from '@fastify/type-provider-typebox';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import { scoresHead } from '@stroma/core/scores-bytes';
import { packedPlaces } from '@stroma/db/crop-list';
import { findScores, requireFit } from '@stroma/db/prediction-scores';
import type { Api } from '../api.ts';
import { notModified } from '../not-modified.ts';

const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });

/** A prediction's scores of every crop, as one message of bytes (core/http/scores.ts). */
export async function scores(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/predictions/:id/scores',
    { config: { rule: 'signed-in' }, schema: { params } },
    async (request, reply) => {
      const { id } = request.params;
      const prediction = await findScores(db, id);
      if (!prediction) throw unknown(id);
      if (notModified(request, reply, `scores-${id}-${prediction.createdAt.getTime()}`)) return reply.send();
      const { cropSetId, mpp, sizePx, classes, attentionLogits, classEvidence } = prediction;
      const places = await packedPlaces(db, cropSetId, prediction.cropSelection as CropSelection);
      const cropCount = attentionLogits.length / 4;
      requireFit(id, places.ix.length, attentionLogits.length);
      const head = scoresHead({
        version: 1,
        predictionId: id,
        cropSetId,
        mpp,
        sizePx,
        size0X: prediction.size0X ?? 0,
        size0Y: prediction.size0Y ?? 0,
        strideShare: prediction.stridePx / sizePx,
        cropCount,
        classes: classEvidence && classes,
      });
      const columns = [places.ix, places.x0, places.y0, attentionLogits, ...(classEvidence ? [classEvidence] : [])];
      return reply.type('application/octet-stream').send(Buffer.concat([head, ...columns]));
    },
  );
}

function unknown(id: number): StromaError {
  return new StromaError(
    { code: 'prediction.unknown', message: 'There is no such prediction.', found: `prediction ${id}` },
    404,
  );
}
