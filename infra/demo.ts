/** Sets the platform up and takes a cohort through the whole chain, over the public HTTP API: see infra/demo/options.ts. */
import { writeFile } from 'node:fs/promises';
import { StromaError } from '@stroma/core/errors';
import type { CohortMessage } from '@stroma/core/http/cohort';
import type { JobMessage } from '@stroma/core/http/job';
import { createCohort } from './demo/create-cohort.ts';
import { followJob } from './demo/follow-job.ts';
import { type DemoOptions, demoOptions } from './demo/options.ts';
import { type PortalClient, signIn } from './demo/portal-client.ts';
import { printReport } from './demo/report.ts';
import { slideSource } from './demo/slide-source.ts';
import { type Summary, summarise } from './demo/summary.ts';
import { takeExports } from './demo/take-exports.ts';
import { uploadSlides } from './demo/upload-slides.ts';
import { platformOptions } from './platform/settings.ts';
import { startPlatform } from './platform.ts';
import { type PeakWatch, watchPeakMemory } from './process/peak-memory.ts';
import { stopSignal } from './process/stop-signal.ts';
import { main, problemText, step } from './step.ts';

main(async () => {
  const options = demoOptions(process.argv.slice(2));
  const startedAt = performance.now();
  const stopped = stopSignal();
  const peak = watchPeakMemory();
  const start = startPlatform(platformOptions(options.port));
  const platform = await Promise.race([start, stopped.then(() => undefined)]);
  // Stopped while starting: the services end by themselves when this process does.
  if (!platform) return 130;
  try {
    const client = await signIn(await platform.oneTimeLink(), 'demo');
    const chain = mainJob(client, platform.dataFolder, options, peak, startedAt);
    // After Ctrl-C the requests under way break; that is not the news.
    chain.catch(() => undefined);
    const summary = await Promise.race([chain, stopped.then(() => undefined)]);
    if (!summary) return 130;
    printReport(summary);
    if (options.summary) await writeFile(options.summary, `${JSON.stringify(summary, null, 2)}\n`);
    if (!options.exit) {
      console.log(`\nStroma stays up at ${platform.url}\nSign in once: ${await platform.oneTimeLink()}`);
      console.log('Ctrl-C stops everything.');
      await stopped;
    }
    return 0;
  } finally {
    peak.stop();
    await step('Stopped', platform.stop, () => 'no process is left');
  }
});

async function mainJob(
  client: PortalClient,
  dataFolder: string,
  options: DemoOptions,
  peak: PeakWatch,
  startedAt: number,
): Promise<Summary> {
  const since = (from: number) => Math.round((performance.now() - from) / 100) / 10;
  const source = await slideSource(dataFolder, options);
  const uploaded = await step(
    'Upload',
    () => uploadSlides(client, source.files),
    ({ registered, refused }) => `${registered.length} slides registered, ${refused.length} refused`,
  );
  for (const { fileName, refusal } of uploaded.refused) {
    console.log(`          ${fileName} was refused: ${refusal ? problemText(refusal) : 'no reason was given'}`);
  }
  if (uploaded.registered.length === 0) throw nothingToTrainOn();
  const cohort = await step<CohortMessage>(
    'Cohort',
    () => createCohort(client, { name: source.name, labelsCsv: source.labelsCsv, seed: options.seed }),
    ({ name, slideCount, classes, foldCount }) =>
      `“${name}”, ${slideCount} slides, grades ${classes.join(', ')}, ${foldCount} folds`,
  );
  const { mpp, preset, seed } = options;
  const jobStartedAt = performance.now();
  const { id } = await client.post<JobMessage>('/api/jobs', { cohortId: cohort.id, mpp, preset, seed });
  console.log(`          job ${id}: preset ${preset}, ${mpp} µm/px, seed ${seed}; ${client.url}/jobs/${id}`);
  const job = await followJob(client, id);
  const seconds = since(jobStartedAt);
  const exports = await step(
    'Exports',
    () => takeExports(client, id),
    (all) => `${all.length} downloaded and whole`,
  );
  return summarise({
    slides: cohort.slideCount,
    job,
    exports,
    peak: peak.largest(),
    seconds: { job: seconds, total: since(startedAt) },
  });
}

function nothingToTrainOn(): StromaError {
  return new StromaError({
    code: 'demo.no_slides',
    message: 'No slide was accepted, so there is nothing to train on.',
    remedy: 'The reasons are above.',
  });
}
