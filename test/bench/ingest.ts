/**
 * Crops a second from a slide's file to committed rows: `npm run bench:ingest -- [--slide FILE] [--mpp N] [--json]`.
 * Uses DATABASE_URL, or an embedded Postgres of its own. The last line is one JSON object.
 */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type Connection, connect, sql } from '@stroma/db/client';
import { dropCropSet, requestCropSets } from '@stroma/db/crop-sets';
import { migrate } from '@stroma/db/migrate';
import { enqueue } from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { startPostgres } from '@stroma/infra/postgres';
import { Cutters } from '@stroma/ingest/cutter/cutters';
import { readSlideHandler } from '@stroma/ingest/read-slide';
import { tileHandler } from '@stroma/ingest/tile';
import { LocalStore } from '@stroma/storage/local-store';
import { measureLimit } from './ingest-limit.ts';

const { values } = parseArgs({
  options: { slide: { type: 'string' }, mpp: { type: 'string' }, json: { type: 'boolean', default: false } },
});
const rounds = 5;
const say = (line: string) => process.stderr.write(`${line}\n`);

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
const postgres = process.env.DATABASE_URL
  ? undefined
  : await startPostgres({ dataFolder: path.join(folder, 'postgres') });
const databaseUrl = process.env.DATABASE_URL || postgres?.databaseUrl || '';
const schema = `bench_ingest_${process.pid}`;
const connection = connect(databaseUrl, { schema });
try {
  await sql`create schema ${sql.id(schema)}`.execute(connection.db);
  await migrate(connection.db, schema);
  const file = values.slide ? path.resolve(values.slide) : await drawnSlide();
  console.log(JSON.stringify(await bench(connection, file)));
} finally {
  await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(connection.db);
  await connection.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function bench({ db }: Connection, file: string) {
  const store = new LocalStore(path.join(folder, 'objects'));
  const uploads = path.join(folder, 'uploads');
  await mkdir(uploads);
  await copyFile(file, path.join(uploads, 'slide'));
  const stop = new AbortController();
  const log = values.json ? () => undefined : say;
  const cutters = new Cutters();
  const handlers = {
    read_slide: readSlideHandler({ connection, store, uploads, log }),
    tile: tileHandler({ connection, store, cutters, log }),
  };
  const working = work({ connection, name: 'bench', handlers, log }, stop.signal);
  const config = { uploadId: 'bench', path: path.join(uploads, 'slide'), fileName: path.basename(file) };
  const readAt = performance.now();
  await ended(await enqueue(db, { stage: 'read_slide', config }));
  const readSeconds = (performance.now() - readAt) / 1000;
  const slide = await db.selectFrom('slide').select(['id', 'mppX', 'objectKey', 'bytes']).executeTakeFirst();
  if (!slide?.mppX) throw new Error('the slide was refused, or its µm/px are not known');
  const mpp = values.mpp ? Number(values.mpp) : slide.mppX;

  const rates: number[] = [];
  let cpuSeconds = 0;
  let crops = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const [set] = await requestCropSets(db, [slide.id], [mpp]);
    if (!set?.runId) throw new Error('no run');
    const result = await ended(set.runId);
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    // The first round warms the code up.
    if (round > 0) {
      crops = Number(result.crops);
      rates.push(crops / seconds);
      cpuSeconds += (user + system) / 1e6;
    }
    for (const key of await dropCropSet(db, set.cropSetId)) await store.remove(key);
  }
  stop.abort();
  await working;
  cutters.close();
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const limit = await measureLimit(store.localPath(slide.objectKey), slide.mppX, mpp);
  const figure = rates.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
  return {
    name: 'ingest',
    figure: rounded(figure),
    unit: 'crops/s',
    limit: rounded(limit.cropsPerS),
    ratioToLimit: rounded(figure / limit.cropsPerS),
    peers: limit.libvips === undefined ? {} : { 'libvips extract + encode': rounded(limit.libvips) },
    peakRssMb: rounded(peakRssMb),
    detail: {
      slide: values.slide ?? 'drawn',
      mpp,
      crops,
      rounds,
      fastest: rounded(Math.max(...rates)),
      slowest: rounded(Math.min(...rates)),
      limitOneCore: rounded(limit.cropsPerSOneCore),
      limitOver: { tiles: limit.tiles, crops: limit.crops },
      limitCpuSecondsPer1000Crops: rounded(limit.cpuSecondsPer1000Crops),
      cpuSecondsPer1000Crops: rounded((1000 * cpuSeconds) / (crops * rounds)),
      readSlideMbPerS: rounded(slide.bytes / 1e6 / readSeconds),
    },
  };
}

async function ended(runId: number): Promise<Record<string, unknown>> {
  for (;;) {
    const run = await connection.db
      .selectFrom('run')
      .select(['status', 'result', 'error'])
      .where('id', '=', runId)
      .executeTakeFirstOrThrow();
    if (run.status === 'succeeded') return run.result as Record<string, unknown>;
    if (run.status === 'failed') throw new Error(JSON.stringify(run.error));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function drawnSlide(): Promise<string> {
  const file = path.join(folder, 'drawn.tif');
  const program = path.join(import.meta.dirname, 'ingest-slide.ts');
  say('drawing a slide');
  await promisify(execFile)(process.execPath, ['--import', 'tsx', program, file]);
  return file;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
