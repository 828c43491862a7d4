/**
 * Crops a second from a slide's file to fsynced shards and committed rows:
 * `npm run bench:ingest -- [--slide FILE] [--mpp N] [--peers] [--json]`. A FILE that is only a region is repeated to a
 * pyramid of 102,400 tiles. Uses DATABASE_URL, or an embedded Postgres of its own. The last line is one JSON object.
 */
import { copyFile, link, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { type Connection, connect, sql } from '@stroma/db/client';
import { dropCropSet } from '@stroma/db/crop-sets';
import { migrate } from '@stroma/db/migrate';
import { startPostgres } from '@stroma/infra/postgres';
import { LocalStore } from '@stroma/storage/local-store';
import { measureLimit } from './ingest-limit.ts';
import { measurePeers, type Peer } from './ingest-peers.ts';
import { benchCache, benchSlide } from './ingest-pyramids.ts';
import { type Cut, IngestWork } from './ingest-work.ts';

const { values } = parseArgs({
  options: {
    slide: { type: 'string' },
    mpp: { type: 'string' },
    peers: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
/** Of which one lane of the limit computes, before and again after the crops are cut. */
const limitSeconds = 5;
/** Rounds are repeated until so much time was measured. */
const leastSeconds = 15;
const mostRounds = 5;
/** Beside the slide's own tiles, which would be copied: every crop is decoded and encoded. */
const grid: CropGrid = { sizePx: 256, stridePx: 255 };
const say = (line: string) => void process.stderr.write(`${line}\n`);

await mkdir(benchCache(), { recursive: true });
const folder = await mkdtemp(path.join(benchCache(), 'run-'));
const slide = await benchSlide(values.slide, say);
const postgres = process.env.DATABASE_URL
  ? undefined
  : await startPostgres({ dataFolder: path.join(folder, 'postgres') });
const databaseUrl = process.env.DATABASE_URL || postgres?.databaseUrl || '';
const schema = `bench_ingest_${process.pid}`;
const connection = connect(databaseUrl, { schema });
try {
  await sql`create schema ${sql.id(schema)}`.execute(connection.db);
  await migrate(connection.db, schema);
  console.log(JSON.stringify(await bench(connection)));
} finally {
  await sql`drop schema if exists ${sql.id(schema)} cascade`.execute(connection.db);
  await connection.close();
  await postgres?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function bench(connection: Connection) {
  const store = new LocalStore(path.join(folder, 'objects'));
  const uploads = path.join(folder, 'uploads');
  await mkdir(uploads);
  await using work = new IngestWork(connection, store, uploads, values.json ? () => undefined : say);
  const whole = await work.read(await uploaded(slide.file, uploads, 'whole'));
  const part = slide.part === slide.file ? whole : await work.read(await uploaded(slide.part, uploads, 'part'));
  const mpp = values.mpp ? Number(values.mpp) : whole.spacing0.x;
  const task = { file: slide.file, spacing0: whole.spacing0, mpp, grid, seconds: limitSeconds };
  const drop = async (cropSetId: number) => {
    for (const key of await dropCropSet(connection.db, cropSetId)) await store.remove(key);
  };
  const measured = async (slideId: string, grid: CropGrid) => {
    const cut = await work.cut(slideId, mpp, grid);
    await drop(cut.cropSetId);
    return cut;
  };

  say('warming up');
  const { cropSetId } = await work.cut(part.id, mpp, grid);
  const places = await work.places(cropSetId);
  await drop(cropSetId);
  const before = await measureLimit(task);
  const cuts: Cut[] = [];
  for (let seconds = 0; cuts.length < mostRounds && seconds < leastSeconds; seconds += cuts.at(-1)?.seconds ?? 0) {
    say(`cutting, round ${cuts.length + 1}`);
    cuts.push(await measured(whole.id, grid));
  }
  const after = await measureLimit(task);
  const peakRssMb = work.peakRssMb();
  const copied = await measured(whole.id, defaultGrid);
  const peers = values.peers
    ? await measurePeers({ file: slide.part, mpp, crops: places, folder: path.join(folder, 'peers'), say })
    : {};

  const figure = median(cuts.map((cut) => cut.crops / cut.seconds));
  const limit = (before.cropsPerS + after.cropsPerS) / 2;
  const first = cuts[0];
  return {
    name: 'ingest',
    figure: rounded(figure),
    unit: 'crops/s',
    limit: rounded(limit),
    ratioToLimit: rounded(figure / limit),
    peers: Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, rounded(peer.cropsPerS)])),
    ratioToPeers: Object.fromEntries(Object.entries(peers).map(([name, peer]) => [name, ratio(figure, peer)])),
    peakRssMb,
    detail: {
      slide: slide.description,
      mpp,
      grid,
      cores: availableParallelism(),
      crops: first?.crops,
      copiedCrops: first?.copiedCrops,
      tilesPerCrop: rounded(before.tilesPerCrop),
      decodedTilesPerCrop: rounded((first?.decodedTiles ?? 0) / (first?.crops ?? 1)),
      rounds: cuts.map((cut) => rounded(cut.crops / cut.seconds)),
      cpuSecondsPer1000Crops: rounded(median(cuts.map((cut) => (1000 * cut.cpuSeconds) / cut.crops))),
      limitCpuSecondsPer1000Crops: rounded((before.cpuSecondsPer1000Crops + after.cpuSecondsPer1000Crops) / 2),
      limitBeforeAndAfter: [rounded(before.cropsPerS), rounded(after.cropsPerS)],
      workerPeakMb: work.workerPeakMb,
      processesPeakMb: work.processesPeakMb,
      planSeconds: first?.planSeconds,
      copiedTilesPerS: copied.copiedCrops > 0 ? rounded(copied.crops / copied.seconds) : undefined,
      copiedTilesMeasuredPerS: rounded(copied.crops / copied.measuredSeconds),
      copiedTilesCpuSecondsPer1000: rounded((1000 * copied.cpuSeconds) / copied.crops),
      copiedShare: rounded(copied.copiedCrops / copied.crops),
      peers: Object.fromEntries(Object.entries(peers).map(([name, { note }]) => [name, note])),
      peersOn: slide.part === slide.file ? 'the slide' : 'a part of 64 × 64 tiles',
      readSlideMbPerS: rounded(whole.mbPerS),
    },
  };
}

function ratio(figure: number, peer: Peer): number {
  return rounded(figure / peer.cropsPerS);
}

/** A second name of the file; a copy where the cache lies elsewhere. */
async function uploaded(file: string, uploads: string, name: string): Promise<string> {
  const target = path.join(uploads, name);
  await link(file, target).catch(() => copyFile(file, target));
  return target;
}

function median(rates: number[]): number {
  return [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
