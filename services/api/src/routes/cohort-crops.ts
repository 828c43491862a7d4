import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import {
  CohortChange,
  CohortMessage,
  CropCountRequest,
  CropCounts,
  CropHistogramQuery,
  CropHistograms,
} from '@stroma/core/http/cohort';
import { audit } from '@stroma/db/accounts';
import { findCohort, setCropSelection } from '@stroma/db/cohorts';
import { countSelected, cropHistograms } from '@stroma/db/crop-numbers';
import type { Api } from '../api.ts';
import { cohortMessage, noCohort } from '../cohorts/cohort-message.ts';
import { cropGrid } from '../slides/crop-grid.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });

/** Which of a cohort's cut crops are used, and what another selection would keep: a query, never another cut. */
export async function cohortCrops(app: Api): Promise<void> {
  const { db } = app.connection;

  app.patch(
    '/api/cohorts/:id',
    { config, schema: { params, body: CohortChange, response: { 200: CohortMessage } } },
    async (request) => {
      const { id } = request.params;
      const { cropSelection } = request.body;
      requireOrder(cropSelection);
      await db.transaction().execute(async (tx) => {
        if (!(await setCropSelection(tx, id, cropSelection))) throw noCohort(id);
        const entry = { action: 'cohort.selection-set', subject: `cohort:${id}`, detail: { cropSelection } };
        await audit(tx, { userId: request.user.id, ...entry });
      });
      const cohort = await findCohort(db, id);
      if (!cohort) throw noCohort(id);
      return cohortMessage(cohort);
    },
  );

  app.post(
    '/api/cohorts/:id/crop-counts',
    { config, schema: { params, body: CropCountRequest, response: { 200: CropCounts } } },
    async (request) => {
      const { selection, mpp, ...grid } = request.body;
      requireOrder(selection);
      const used = { cohortId: await existing(request.params.id), mpp, ...cropGrid(grid), selection };
      const slides = await countSelected(db, used);
      const sum = (of: (slide: (typeof slides)[number]) => number) => slides.reduce((all, one) => all + of(one), 0);
      return { cut: sum((one) => one.cut), kept: sum((one) => one.kept), slides };
    },
  );

  app.get(
    '/api/cohorts/:id/crop-histograms',
    { config, schema: { params, querystring: CropHistogramQuery, response: { 200: CropHistograms } } },
    async (request) => {
      const { mpp, ...grid } = request.query;
      const used = { cohortId: await existing(request.params.id), mpp, ...cropGrid(grid) };
      return { histograms: await cropHistograms(db, used) };
    },
  );

  async function existing(id: number): Promise<number> {
    if (await findCohort(db, id)) return id;
    throw noCohort(id);
  }
}

/** Bounds that exclude each other would keep nothing and look like a slide without tissue. */
function requireOrder({
  minDarkness = 0,
  maxDarkness = Number.POSITIVE_INFINITY,
}: CohortChange['cropSelection']): void {
  if (minDarkness <= maxDarkness) return;
  throw new StromaError(
    {
      code: 'selection.bounds',
      message: 'No crop can meet this selection: its lower bound on darkness is above its upper one.',
      expected: `at most ${maxDarkness}`,
      found: String(minDarkness),
      where: 'minDarkness',
    },
    400,
  );
}
