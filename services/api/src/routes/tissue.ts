import { Type } from '@fastify/type-provider-typebox';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import { CropPreview, CropPreviewQuery, TissueMessage } from '@stroma/core/http/tissue';
import { spacingOf } from '@stroma/core/units';
import { findSlide } from '@stroma/db/slide-list';
import type { Api } from '../api.ts';
import { notModified } from '../not-modified.ts';
import { cropGrid } from '../slides/crop-grid.ts';
import { noSlide } from '../slides/slide-message.ts';
import type { MaskedSlide } from '../tissue/masks.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.String({ format: 'uuid' }) });

/** The tissue mask and the crops that would come of it, before a slide is cut. */
export async function tissue(app: Api): Promise<void> {
  async function masked(id: string): Promise<MaskedSlide> {
    const row = await findSlide(app.connection.db, id);
    if (!row) throw noSlide(id);
    return { ...row, spacing0: spacingOf(row.mppX, row.mppY) };
  }

  app.get(
    '/api/slides/:id/tissue',
    { config, schema: { params, response: { 200: TissueMessage } } },
    async (request) => {
      const { id } = request.params;
      const { mask, key } = await app.masks.of(await masked(id));
      const named = encodeURIComponent(key.split('/').at(-1) ?? '');
      return {
        ...mask.place,
        maskUrl: `/api/slides/${id}/tissue-mask?of=${named}`,
        shares: mask.shares,
      };
    },
  );

  // `of` only makes another address of another mask, so that a browser may keep each for good.
  app.get(
    '/api/slides/:id/tissue-mask',
    { config, schema: { params, querystring: Type.Object({ of: Type.Optional(Type.String({ maxLength: 100 })) }) } },
    async (request, reply) => {
      const { mask, key } = await app.masks.of(await masked(request.params.id));
      if (notModified(request, reply, key.replaceAll('/', '-'))) return reply.send();
      return reply.type('image/png').send(Buffer.from(mask.png));
    },
  );

  app.get(
    '/api/slides/:id/crop-preview',
    { config, schema: { params, querystring: CropPreviewQuery, response: { 200: CropPreview } } },
    async (request) => {
      const { mpp, sizePx, stridePx, ...selection } = request.query;
      const given = { ...(sizePx ? { sizePx } : {}), ...(stridePx ? { stridePx } : {}) };
      const recipe = cropRecipe(mpp, cropGrid(given));
      const { grid } = await app.masks.of(await masked(request.params.id), { recipe, selection });
      if (!grid) throw new Error('the tissue process answered without a grid');
      const { size0, stride0, effective: effectiveMpp, cut, kept, crops } = grid;
      const drawn = crops && {
        x0: Array.from(crops.x0),
        y0: Array.from(crops.y0),
        kept: Array.from(crops.kept, (one) => one === 1),
      };
      return { size0, stride0, effectiveMpp, cut, kept, crops: drawn };
    },
  );
}
