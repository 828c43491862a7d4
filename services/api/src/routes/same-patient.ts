import { Type } from '@fastify/type-provider-typebox';
import { SamePatientList } from '@stroma/core/http/same-patient';
import { spacingOf } from '@stroma/core/units';
import { samePatient as findSamePatient } from '@stroma/db/same-patient';
import { findSlide } from '@stroma/db/slide-list';
import type { Api } from '../api.ts';
import { noSlide } from '../slides/slide-message.ts';

export async function samePatient(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/slides/:id/same-patient',
    {
      config: { rule: 'signed-in' },
      schema: { params: Type.Object({ id: Type.String({ format: 'uuid' }) }), response: { 200: SamePatientList } },
    },
    async (request) => {
      const { id } = request.params;
      if (!(await findSlide(db, id))) throw noSlide(id);
      const rows = await findSamePatient(db, id);
      return { slides: rows.map(({ mppX, mppY, ...row }) => ({ ...row, mpp: spacingOf(mppX, mppY) })) };
    },
  );
}
