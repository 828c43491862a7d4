/**
 * The smoke graph on a Ray cluster of two nodes on this machine, started from the portal's HTTP API; one node is killed
 * in the middle of the first training, and the job has to end well: `npm run bench:ray -- [--json] [--slides N]`.
 * STROMA_PYTHON names an interpreter with the trainer's packages and Ray. The last line is one JSON object.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { JobDetail, JobMessage, MetricSeries, RunMessage } from '@stroma/core/http/job';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import { createCohort } from '@stroma/infra/demo/create-cohort';
import { followJob, secondsOf, stageName } from '@stroma/infra/demo/follow-job';
import { type PortalClient, signIn } from '@stroma/infra/demo/portal-client';
import { uploadSlides } from '@stroma/infra/demo/upload-slides';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';
import { startedPlatform, temporaryData } from '../platform.ts';
import { type RayCluster, startRay } from '../ray-cluster.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, slides: { type: 'string', default: '9' } },
});
const startedAt = performance.now();
const since = (from: number) => Math.round((performance.now() - from) / 100) / 10;
const say = (line: string) => !values.json && console.log(`${String(since(startedAt)).padStart(7)} s  ${line}`);
const patienceMs = 45 * 60_000;

const python = await trainerPython('run');
if (!python) throw new Error('no Python with the trainer’s packages: npm run setup, or set STROMA_PYTHON');
const data = await temporaryData();
const cluster = await startRay(python);
let platform: Awaited<ReturnType<typeof startedPlatform>> | undefined;
try {
  const second = await cluster.addNode();
  say(`Ray cluster of ${await cluster.aliveNodes()} nodes at ${cluster.url}`);
  Object.assign(process.env, {
    STROMA_TRAINER: 'ray:2',
    STROMA_RAY_URL: cluster.url,
    STROMA_RAY_PYTHON: python,
    STROMA_TRAINER_THREADS: '1',
  });
  platform = await startedPlatform(data.folder);
  say(`Stroma at ${platform.url}`);
  const client = await signIn(platform.oneTimeLink, 'ray');
  const job = await startJob(client, Number(values.slides));
  say(`job ${job.id} started`);
  const killed = await killInTheMiddle(client, job.id, cluster, second.kill);
  const done = await followJob(client, job.id);
  const stages = Object.fromEntries(done.runs.map((run) => [stageName(run), secondsOf(run)]));
  say(`job ${job.id} ${done.status}`);
  console.log(
    JSON.stringify({
      bench: 'ray',
      nodes: 2,
      status: done.status,
      ...killed,
      seconds: stages,
      totalSeconds: since(startedAt),
      ranks: await ranksOf(data.folder, done),
    }),
  );
} catch (error) {
  console.error(platform?.output());
  console.error(await readFile(path.join(data.folder, 'log', 'launcher.log'), 'utf8').catch(() => ''));
  throw error;
} finally {
  await platform?.stop();
  await cluster.stop();
  await data.remove();
}

async function startJob(client: PortalClient, slides: number): Promise<JobMessage> {
  const folder = path.join(data.folder, 'generated');
  const generated = await generateCohort(folder, { slides });
  await uploadSlides(
    client,
    generated.map((slide) => slide.file),
  );
  const labelsCsv = await readFile(path.join(folder, 'labels.csv'), 'utf8');
  const cohort = await createCohort(client, { name: 'Ray', labelsCsv, seed: 7 }, 3);
  return await client.post<JobMessage>('/api/jobs', { cohortId: cohort.id, mpp: 0.5, preset: 'smoke', seed: 7 });
}

/** Kills a node once the first training has come a third of its way, and waits until the training goes on. */
async function killInTheMiddle(client: PortalClient, jobId: number, ray: RayCluster, kill: () => void) {
  const run = await untilRun(client, jobId, ({ progress }) => (progress ? progress.done * 3 >= progress.total : false));
  const doneBefore = run.progress?.done ?? 0;
  kill();
  const killedAt = performance.now();
  say(`a node is killed at ${run.progress?.phase} ${doneBefore} of ${run.progress?.total}`);
  while ((await ray.aliveNodes()) > 1) await sleep(200);
  const clusterKnowsSeconds = since(killedAt);
  let notedSeconds = 0;
  let line = '';
  for (const deadline = Date.now() + patienceMs; !line && Date.now() < deadline; await sleep(500)) {
    const { log } = await client.get<MetricSeries>(`/api/runs/${run.id}/metrics`);
    line = log.find((entry) => entry.message.startsWith('Interruption'))?.message ?? '';
    notedSeconds = since(killedAt);
  }
  say(`the run goes on after ${notedSeconds} s: ${line}`);
  return { killedAtStep: doneBefore, clusterKnowsSeconds, goesOnSeconds: notedSeconds, note: line };
}

async function untilRun(client: PortalClient, jobId: number, holds: (run: RunMessage) => boolean): Promise<RunMessage> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(300)) {
    const { runs, status } = await client.get<JobDetail>(`/api/jobs/${jobId}`);
    if (status === 'failed') throw new Error(`job ${jobId} failed: ${JSON.stringify(runs.map((run) => run.error))}`);
    const run = runs.find((each) => each.stage === 'train_dino' && each.status === 'running');
    if (run && holds(run)) return run;
  }
  throw new Error(`job ${jobId} did not come that far`);
}

/** How many ranks each stage had at its end, as its own log says. */
async function ranksOf(dataFolder: string, job: JobDetail): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const run of job.runs) {
    const file = path.join(dataFolder, 'objects', 'runs', String(run.id), 'trainer.log');
    const text = await readFile(file, 'utf8').catch(() => '');
    const sizes = [...text.matchAll(/Started training worker group of size (\d+)/g)].map((match) => Number(match[1]));
    if (sizes.length > 0) found[stageName(run)] = sizes.at(-1) as number;
  }
  return found;
}
