import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { CohortDetail, CohortDraft, CohortList, CohortMessage, LabelReport } from '@stroma/core/http/cohort';
import { spacingOf } from '@stroma/core/units';
import { audit } from '@stroma/db/accounts';
import {
  type CohortRow,
  cohortCropCounts,
  cohortNameTaken,
  cohortOverlaps,
  cohortSlides,
  createCohort,
  findCohort,
  listCohorts,
  slideNames,
} from '@stroma/db/cohorts';
import { duplicatePairs } from '@stroma/db/slide-duplicates';
import type { Api } from '../api.ts';
import { cohortMessage, noCohort } from '../cohorts/cohort-message.ts';
import { readDraft, type Surroundings } from '../cohorts/read-draft.ts';

const config = { rule: 'signed-in' } as const;
/** The contract allows 50 million characters of labels. */
const bodyLimit = 64_000_000;

export async function cohorts(app: Api): Promise<void> {
  const { db } = app.connection;

  app.post(
    '/api/cohorts/label-report',
    { config, bodyLimit, schema: { body: CohortDraft, response: { 200: LabelReport } } },
    async (request) => {
      const { report, slides, patients } = readDraft(request.body, await surroundings(db, request.body.name));
      const members = { slideIds: slides.map((one) => one.slideId), patientIds: patients.map((one) => one.patientId) };
      return { ...report, overlaps: await cohortOverlaps(db, members) };
    },
  );

  app.post(
    '/api/cohorts',
    { config, bodyLimit, schema: { body: CohortDraft, response: { 201: CohortMessage } } },
    async (request, reply) => {
      const draft = request.body;
      const createdBy = request.user.id;
      const id = await db.transaction().execute(async (tx) => {
        const { obstacles, classes, patients, slides } = readDraft(draft, await surroundings(tx, draft.name));
        if (obstacles[0]) throw new StromaError(obstacles[0]);
        const { name, foldCount, seed } = draft;
        const created = await createCohort(tx, { name, foldCount, seed, classes, patients, slides, createdBy });
        if (created === undefined) {
          throw new StromaError({
            code: 'cohort.name',
            message: `A cohort named “${name}” was made just now.`,
            expected: 'a name that no cohort has',
            found: name,
            where: 'name',
            remedy: 'Look at that cohort; if it is not the same, save this one under another name.',
          });
        }
        const detail = { name, slides: slides.length, patients: patients.length, foldCount, seed };
        await audit(tx, { userId: createdBy, action: 'cohort.created', subject: `cohort:${created}`, detail });
        return created;
      });
      return reply.code(201).send(cohortMessage(await existing(id)));
    },
  );

  app.get('/api/cohorts', { config, schema: { response: { 200: CohortList } } }, async () => ({
    cohorts: (await listCohorts(db)).map(cohortMessage),
  }));

  app.get(
    '/api/cohorts/:id',
    { config, schema: { params: Type.Object({ id: Type.Integer() }), response: { 200: CohortDetail } } },
    async (request) => {
      const cohort = await existing(request.params.id);
      const [slides, crops] = await Promise.all([cohortSlides(db, cohort.id), cohortCropCounts(db, cohort.id)]);
      return {
        ...cohortMessage(cohort),
        slides: slides.map(({ label, mppX, mppY, scaleState: _, ...slide }) => {
          const grade = label === null ? null : (cohort.classes[label] ?? null);
          return { ...slide, label: grade, mpp: spacingOf(mppX, mppY) };
        }),
        crops,
      };
    },
  );

  async function existing(id: number): Promise<CohortRow> {
    const cohort = await findCohort(db, id);
    if (cohort) return cohort;
    throw noCohort(id);
  }
}

async function surroundings(db: Parameters<typeof slideNames>[0], name: string): Promise<Surroundings> {
  const [nameTaken, slides, pairs] = [await cohortNameTaken(db, name), await slideNames(db), await duplicatePairs(db)];
  return { nameTaken, slides, pairs };
}
