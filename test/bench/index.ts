/**
 * Crop rows a second through the ingest worker's own path, beside psql's COPY of the same rows; then boxes as a viewer
 * asks for them, and crop sets dropped: `npm run bench:index -- [--json] [--rows 10000000]`. The last line is one JSON
 * object. The embedded Postgres only: its log tells what building indexes took.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Connection, connect, sql } from '@stroma/db/client';
import { dropCropSet } from '@stroma/db/crop-sets';
import { migrate } from '@stroma/db/migrate';
import { startPostgres } from '@stroma/infra/postgres';
import { boxTimes } from './index-boxes.ts';
import { peerCopy, writeRows } from './index-copy.ts';
import { askForCropSets, gridCrops, size0, storeNext } from './index-crops.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rows: { type: 'string', default: '10000000' } },
});
const cropsASet = 50_000;
const setCount = Math.max(12, Math.ceil(Number(values.rows) / cropsASet));
/** Ours and psql's take turns, so that what else the machine does meets both. */
const setsATurn = 10;
const boxCount = 6_000;
const dropCount = 10;

const say = (line: string) => !values.json && process.stderr.write(`${line}\n`);
const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
let indexMs = 0;
const onLine = (line: string) => {
  const found = /duration: ([\d.]+) ms +statement: .*(?:add primary key|create index)/i.exec(line);
  if (found) indexMs += Number(found[1]);
};
const postgres = await startPostgres({ dataFolder: path.join(folder, 'postgres'), onLine });
const timed = `${postgres.databaseUrl}&options=${encodeURIComponent('-c log_min_duration_statement=0')}`;
const storing = connect(timed);
const asking = connect(postgres.databaseUrl);
try {
  await migrate(asking.db);
  console.log(JSON.stringify(await bench(storing, asking)));
} finally {
  await Promise.all([storing.close(), asking.close()]);
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
}

async function bench(storing: Connection, { db, pool }: Connection) {
  const crops = gridCrops(cropsASet);
  await askForCropSets(asking, setCount);
  const peer = await peerCopy(asking, postgres.databaseUrl);
  const ids: number[] = [];
  const ratios: number[] = [];
  let [ours, theirs, stored] = [0, 0, 0];
  while (ids.length < setCount) {
    const count = Math.min(setsATurn, setCount - ids.length);
    const before = { indexMs, ids: ids.length };
    let [seconds, copySeconds] = [0, 0];
    for (let i = 0; i < count; i += 1) {
      const set = await storeNext(storing, crops);
      seconds += set.seconds;
      copySeconds += set.copySeconds;
      ids.push(set.id);
    }
    // The server's log comes through a pipe.
    await sleep(50);
    copySeconds -= (indexMs - before.indexMs) / 1000;
    const files = ids
      .slice(before.ids)
      .map((id) => ({ id, table: `peer_${id}`, file: path.join(folder, `${id}.tsv`) }));
    for (const { id, table, file } of files) {
      await writeRows(file, id, crops);
      await sql`create table ${sql.table(table)} (like crop, check (crop_set_id = ${sql.lit(id)}))`.execute(db);
    }
    const peerSeconds = await peer.copy(files);
    for (const { table, file } of files) {
      await sql`drop table ${sql.table(table)}`.execute(db);
      await rm(file);
    }
    stored += seconds;
    ours += copySeconds;
    theirs += peerSeconds;
    ratios.push(peerSeconds / copySeconds);
    const rate = (s: number) => Math.round((count * cropsASet) / s);
    say(`${rate(copySeconds)} of ${rate(peerSeconds)} rows/s, ${rate(seconds)} stored`);
  }
  const rows = setCount * cropsASet;
  const side0 = Math.ceil(Math.sqrt(cropsASet)) * size0;
  await boxTimes(db, ids, side0, 300);
  const boxes = await boxTimes(db, ids, side0, boxCount);
  say(`boxes: p50 ${boxes.p50Ms} ms, p99 ${boxes.p99Ms} ms`);
  const { rows: sizes } = await pool.query(`select sum(pg_relation_size(indexrelid))::float8 / 1e6 as mb
    from pg_index where indrelid = 'crop_${ids[0]}'::regclass and not indisprimary`);
  const drops: number[] = [];
  for (const id of ids.slice(0, dropCount)) {
    const startedAt = performance.now();
    await dropCropSet(db, id);
    drops.push(performance.now() - startedAt);
  }
  drops.sort((a, b) => a - b);
  ratios.sort((a, b) => a - b);
  return {
    name: 'index',
    figure: rounded(rows / ours),
    unit: 'rows/s',
    limit: rounded(rows / theirs),
    ratioToLimit: rounded(theirs / ours),
    peers: {},
    peakRssMb: rounded(process.resourceUsage().maxRSS / 1024),
    detail: {
      rows,
      cropSets: setCount,
      cores: availableParallelism(),
      ratioOfTurns: { lowest: rounded(ratios[0] ?? 0), highest: rounded(ratios.at(-1) ?? 0) },
      rowsPerSStored: rounded(rows / stored),
      indexMsACropSet: rounded(indexMs / setCount),
      placeIndexMbACropSet: rounded(Number(sizes[0]?.mb)),
      box: {
        count: boxes.boxes,
        p50Ms: rounded(boxes.p50Ms),
        p99Ms: rounded(boxes.p99Ms),
        cropsABox: rounded(boxes.cropsABox),
      },
      detach: {
        count: drops.length,
        p50Ms: rounded(drops[dropCount >> 1] ?? 0),
        slowestMs: rounded(drops.at(-1) ?? 0),
      },
      limitIs: `${peer.name} into tables alike, without indexes`,
      figureIs:
        'from the first crop handed over to the committed, attached crop set, less what building its indexes took',
    },
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
