import { Type } from '@fastify/type-provider-typebox';
import { type SlideDuplicate, SlideDuplicateList } from '@stroma/core/http/duplicate';
import { spacingOf } from '@stroma/core/units';
import { cohortsOfSlides, slideDuplicates as findDuplicates } from '@stroma/db/slide-duplicates';
import { findSlide } from '@stroma/db/slide-list';
import type { Api } from '../api.ts';
import { noSlide } from '../slides/slide-message.ts';

export async function slideDuplicates(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/slides/:id/duplicates',
    {
      config: { rule: 'signed-in' },
      schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }), response: { 200: SlideDuplicateList } },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await findSlide(db, id))) throw noSlide(id);
      const rows = await findDuplicates(db, id);
      const memberships = await cohortsOfSlides(db, [id, ...rows.map((row) => row.slideId)]);
      const cohortsOf = (slideId: string) =>
        memberships.filter((one) => one.slideId === slideId).map(({ slideId: _, ...cohort }) => cohort);
      return {
        cohorts: cohortsOf(id),
        duplicates: rows.map(({ mppX, mppY, createdAt, kind, ...row }) => ({
          ...row,
          kind: kind as SlideDuplicate['kind'],
          mpp: spacingOf(mppX, mppY),
          createdAt: createdAt.toISOString(),
          cohorts: cohortsOf(row.slideId),
        })),
      };
    },
  );
}
