import { Type } from '@fastify/type-provider-typebox';
import { CohortLeaks } from '@stroma/core/http/cohort';
import { cohortOverlaps, cohortSlides, findCohort } from '@stroma/db/cohorts';
import { duplicatePairs } from '@stroma/db/slide-duplicates';
import type { Api } from '../api.ts';
import { noCohort } from '../cohorts/cohort-message.ts';
import { siteBalance, siteWarnings } from '../cohorts/sites.ts';
import { findSpellings } from '../cohorts/spellings.ts';
import { findTwins } from '../cohorts/twins.ts';

/** The dry run's checks of a cohort that was saved: a slide that came later may be a member in another file. */
export async function cohortLeaks(app: Api): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/cohorts/:id/leak-checks',
    {
      config: { rule: 'signed-in' },
      schema: { params: Type.Object({ id: Type.Integer({ minimum: 1 }) }), response: { 200: CohortLeaks } },
    },
    async ({ params: { id } }) => {
      const cohort = await findCohort(db, id);
      if (!cohort) throw noCohort(id);
      const [members, pairs] = await Promise.all([cohortSlides(db, id), duplicatePairs(db)]);
      const rows = members.map(({ slideId, patientId, label, site }) => {
        return { slide: slideId, patientId, site, grade: label === null ? null : (cohort.classes[label] ?? null) };
      });
      const slides = members.map(({ slideId, name }) => ({ id: slideId, name }));
      const folds = new Map(members.map(({ patientId, fold }) => [patientId, fold]));
      const sites = siteBalance(rows);
      const everyone = { slideIds: rows.map(({ slide }) => slide), patientIds: [...folds.keys()] };
      return {
        twins: findTwins(rows, slides, folds, pairs),
        spellings: findSpellings(folds),
        sites,
        overlaps: await cohortOverlaps(db, everyone, id),
        warnings: siteWarnings(sites),
      };
    },
  );
}
