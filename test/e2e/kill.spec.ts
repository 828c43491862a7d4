import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import type { CohortMessage } from '@stroma/core/http/cohort';
import type { JobDetail, JobMessage } from '@stroma/core/http/job';
import { connect } from '@stroma/db/client';
import { createCohort } from '@stroma/infra/demo/create-cohort';
import { type PortalClient, signIn } from '@stroma/infra/demo/portal-client';
import { uploadSlides } from '@stroma/infra/demo/upload-slides';
import { descendants, programOf } from '@stroma/infra/process/process-tree';
import { auditObjects } from '@stroma/infra/reconcile';
import { openStore } from '@stroma/storage/open-store';
import { databaseUrl, type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';
import { smallCohort } from './small-cohort.ts';

test.describe.configure({ mode: 'serial' });

/** At which stage which process is killed with -9. */
const kills: { stage: string; program: RegExp }[] = [
  { stage: 'tile', program: /ingest\/src\/main/ },
  { stage: 'train_dino', program: /stroma_trainer train_dino/ },
  { stage: 'train_dino', program: /api\/src\/main/ },
  { stage: 'embed', program: /inference\/src\/main/ },
  { stage: 'train_eldm', program: /launcher\/src\/main/ },
  { stage: 'synthesize', program: /bin\/postgres/ },
];
const patienceMs = 12 * 60_000;

let data: Awaited<ReturnType<typeof temporaryData>>;
let platform: StartedPlatform;
let client: PortalClient;
let cohort: CohortMessage;
let mpp: number;

test.beforeAll(async () => {
  test.setTimeout(4 * 60_000);
  data = await temporaryData();
  const small = await smallCohort(path.join(data.folder, 'made'));
  mpp = small.mpp;
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  client = await signIn(platform.oneTimeLink, 'kill test');
  await uploadSlides(client, small.files);
  cohort = await createCohort(client, { name: 'Killed', labelsCsv: small.labelsCsv, seed: 7 }, 2);
});

test.afterAll(async () => {
  await platform?.stop();
  await data?.remove();
});

test('a job survives kill -9 of each kind of process, and of the launcher with everything', async () => {
  test.setTimeout(patienceMs + 120_000);
  const { id } = await client.post<JobMessage>('/api/jobs', { cohortId: cohort.id, mpp, preset: 'smoke', seed: 7 });
  for (const { stage, program } of kills) {
    await untilStage(id, stage);
    const victim = await processLike(program);
    process.kill(victim, 'SIGKILL');
    console.log(`  killed ${program.source} at ${stage}`);
  }
  await untilStage(id, 'train_gen_dino');
  process.kill(platform.pid, 'SIGKILL');
  await expect.poll(() => ours(platform.dataFolder), { timeout: 12_000 }).toEqual([]);
  platform = await startedPlatform(platform.dataFolder);
  client = await signIn(platform.oneTimeLink, 'kill test, again');

  const job = await untilStage(id, undefined);
  expect(job.runs.map((run) => `${run.stage} ${run.status}`)).toEqual(job.runs.map((run) => `${run.stage} succeeded`));
  expect(job.tiling.done).toBe(job.tiling.total);
});

test('no row is without its file, no file without its row', async () => {
  const connection = connect(await databaseUrl(platform));
  try {
    const store = openStore(`file://${path.join(platform.dataFolder, 'objects')}`);
    expect(await auditObjects(connection.db, store)).toEqual({ orphans: [], missing: [] });
  } finally {
    await connection.close();
  }
});

test('a second start on the same data is refused', async () => {
  await expect(startedPlatform(platform.dataFolder)).rejects.toThrow('This data folder is in use');
});

test('Ctrl-C stops everything within 10 s and leaves no process', async () => {
  const startedAt = Date.now();
  expect(await platform.stop()).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(10_000);
  expect(await ours(platform.dataFolder)).toEqual([]);
});

/** Waits until a run of the stage is under way, or, without a stage, until the job has ended. */
async function untilStage(jobId: number, stage: string | undefined): Promise<JobDetail> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(200)) {
    // The api may be the one that was killed.
    const job = await client.get<JobDetail>(`/api/jobs/${jobId}`).catch(() => undefined);
    if (!job) continue;
    if (['failed', 'cancelled'].includes(job.status)) {
      throw new Error(`the job ended: ${JSON.stringify(job.runs.find((run) => run.error)?.error)}`);
    }
    if (job.status === 'succeeded') {
      if (stage) throw new Error(`the job was over before ${stage} was seen`);
      return job;
    }
    if (stage === 'tile' && job.tiling.done > 0) return job;
    const runs = job.runs.filter((run) => run.stage === stage);
    if (runs.some((run) => run.status === 'running' && (run.progress?.done ?? 0) > 0)) return job;
    if (runs.length && runs.every((run) => run.status === 'succeeded')) return job;
  }
  throw new Error(`waited too long for ${stage ?? 'the end'}`);
}

async function processLike(program: RegExp): Promise<number> {
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; await sleep(50)) {
    for (const pid of await descendants(platform.pid)) if (program.test(await programOf(pid))) return pid;
  }
  throw new Error(`no process is like ${program}`);
}

/** Every process that was started for this data folder: all inherit its environment. */
async function ours(dataFolder: string): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (environment.includes(`STROMA_DATA=${dataFolder}\0`)) found.push(await programOf(Number(name)));
  }
  return found;
}
