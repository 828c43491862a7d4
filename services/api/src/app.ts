import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { ensureLocalAdmin } from '@stroma/db/accounts';
import fastify from 'fastify';
import type { Api, ApiOptions } from './api.ts';
import { access } from './plugins/access.ts';
import { connection } from './plugins/connection.ts';
import { errors } from './plugins/errors.ts';
import { headers } from './plugins/headers.ts';
import { masks } from './plugins/masks.ts';
import { openSlides } from './plugins/open-slides.ts';
import { openapi } from './plugins/openapi.ts';
import { pages } from './plugins/pages.ts';
import { requestLog } from './plugins/request-log.ts';
import { runsDoorbell } from './plugins/runs-doorbell.ts';
import { unusedSockets } from './plugins/unused-sockets.ts';
import { annotationFiles } from './routes/annotation-files.ts';
import { annotations } from './routes/annotations.ts';
import { cohortCrops } from './routes/cohort-crops.ts';
import { cohortLeaks } from './routes/cohort-leaks.ts';
import { cohorts } from './routes/cohorts.ts';
import { comparison } from './routes/comparison.ts';
import { crop } from './routes/crop.ts';
import { cropSets } from './routes/crop-sets.ts';
import { crops } from './routes/crops.ts';
import { exports } from './routes/exports.ts';
import { interpolations } from './routes/interpolations.ts';
import { jobs } from './routes/jobs.ts';
import { me } from './routes/me.ts';
import { models } from './routes/models.ts';
import { overview } from './routes/overview.ts';
import { patchAttention } from './routes/patch-attention.ts';
import { runPictureRoutes } from './routes/run-pictures.ts';
import { runReport } from './routes/run-report.ts';
import { samePatient } from './routes/same-patient.ts';
import { scores } from './routes/scores.ts';
import { signIn } from './routes/sign-in.ts';
import { similarCrops } from './routes/similar-crops.ts';
import { slideDuplicates } from './routes/slide-duplicates.ts';
import { slideFile } from './routes/slide-file.ts';
import { slideRuns } from './routes/slide-runs.ts';
import { slideScales } from './routes/slide-scales.ts';
import { slides } from './routes/slides.ts';
import { tiles } from './routes/tiles.ts';
import { tissue } from './routes/tissue.ts';
import { uploadGroups } from './routes/upload-groups.ts';
import { uploads } from './routes/uploads.ts';

// Whoever uses the api's type sees what the plugins add to Fastify's.
export type { Rule } from './plugins/access.ts';

const routes = [
  signIn,
  me,
  overview,
  uploads,
  uploadGroups,
  slides,
  slideFile,
  slideRuns,
  slideScales,
  slideDuplicates,
  samePatient,
  tiles,
  tissue,
  crops,
  scores,
  crop,
  patchAttention,
  cropSets,
  annotations,
  annotationFiles,
  cohorts,
  cohortLeaks,
  cohortCrops,
  jobs,
  models,
  comparison,
  runPictureRoutes,
  runReport,
  interpolations,
  similarCrops,
  exports,
];

export async function buildApi(options: ApiOptions): Promise<Api> {
  const app = fastify({
    logger: options.logger ?? false,
    bodyLimit: 1_048_576,
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<TypeBoxTypeProvider>();

  await ensureLocalAdmin(options.connection.db);
  await app.register(errors);
  await app.register(headers);
  await app.register(requestLog);
  await app.register(unusedSockets);
  await app.register(connection, options);
  await app.register(access, options);
  await app.register(openapi, { codeRevision: options.codeRevision ?? 'unknown' });
  await app.register(runsDoorbell);
  await app.register(openSlides);
  await app.register(masks, options);
  for (const route of routes) await app.register(route, options);
  await app.register(pages, options);
  return app;
}
