import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { EncoderName } from '@stroma/core/http/common';
import { JobComparison } from '@stroma/core/http/comparison';
import { cohortSlides } from '@stroma/db/cohorts';
import { gradeRuns } from '@stroma/db/grade-runs';
import type { Api } from '../api.ts';
import { comparedSlides, encoderState, pairedGrades } from '../jobs/compare-encoders.ts';
import { existingJob } from '../jobs/job-message.ts';
import { resultsCsv } from '../jobs/results-csv.ts';

const config = { rule: 'signed-in' } as const;
const params = Type.Object({ id: Type.Integer({ minimum: 1 }) });
/** A finished run never changes, so what was computed of a pair of them is kept: at most so many pairs. */
const kept = 16;

/** DINO beside Gen-DINO on the same folds and slides. */
export async function comparison(app: Api): Promise<void> {
  const { db } = app.connection;
  const paired = new Map<string, ReturnType<typeof pairedGrades>>();

  app.get(
    '/api/jobs/:id/comparison',
    { config, schema: { params, response: { 200: JobComparison } } },
    async (request) => {
      const job = await existingJob(db, request.params.id);
      const [runs, cohort] = await Promise.all([gradeRuns(db, job.id), cohortSlides(db, job.cohortId)]);
      const of = (encoder: string) => runs.find((run) => run.encoder === encoder);
      const [dino, genDino] = [encoderState(of('dino')), encoderState(of('gen_dino'))];
      const classes = (dino.evaluation ?? genDino.evaluation)?.classes ?? [];
      const slides = comparedSlides(cohort, dino.evaluation, genDino.evaluation);
      const key = runs.map((run) => `${run.id} ${run.endedAt?.toISOString() ?? ''}`).join(', ');
      const computed = paired.get(key) ?? pairedGrades(slides, classes.length, job.seed);
      paired.set(key, computed);
      computed.catch(() => paired.delete(key));
      for (const oldest of paired.keys()) if (paired.size > kept) paired.delete(oldest);
      return {
        jobId: job.id,
        cohortId: job.cohortId,
        cohortName: job.cohortName,
        classes,
        cohortSlides: cohort.length,
        labelledSlides: cohort.filter((slide) => slide.label !== null).length,
        dino: { state: dino.state, grades: dino.grades },
        genDino: { state: genDino.state, grades: genDino.grades },
        paired: await computed,
        slides,
      };
    },
  );

  app.get(
    '/api/jobs/:id/results.csv',
    { config, exposeHeadRoute: false, schema: { params, querystring: Type.Object({ encoder: EncoderName }) } },
    async ({ params: { id }, query: { encoder } }, reply) => {
      const job = await existingJob(db, id);
      const [runs, cohort] = await Promise.all([gradeRuns(db, job.id), cohortSlides(db, job.cohortId)]);
      const { evaluation, state } = encoderState(runs.find((run) => run.encoder === encoder));
      if (!evaluation) {
        throw new StromaError(
          {
            code: 'comparison.no_grades',
            message: 'The slides have no grades of this encoder yet.',
            expected: 'ABMIL folds that are done',
            found: state,
            where: `job ${id}, ${encoder}`,
            remedy: 'Wait until the job has trained its ABMIL folds, or resume it where they failed.',
          },
          404,
        );
      }
      reply.type('text/csv; charset=utf-8');
      reply.header('content-disposition', `attachment; filename="stroma-job-${id}-${encoder}-results.csv"`);
      return resultsCsv(cohort, evaluation);
    },
  );
}
