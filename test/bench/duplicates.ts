/**
 * How long a slide's twins take to be found among many: `npm run bench:duplicates -- [--slides N] [--json]`. The limit is
 * one pass over the same rows that only counts them, in the same run and database.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { connect, sql } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { addFingerprint } from '@stroma/db/slide-fingerprints';
import { startPostgres } from '@stroma/infra/postgres';
import { pictureHashVariants } from '@stroma/wsi/fingerprint/picture-hash';

const options = { slides: { type: 'string', default: '100000' }, json: { type: 'boolean', default: false } } as const;
const { values } = parseArgs({ options });
const slides = Number(values.slides);
const rounds = 40;
const row = {
  name: 'new.svs',
  bytes: 1,
  thumbnailKey: 'new',
  reader: 'tiff',
  format: 'bench',
  width0: 1,
  height0: 1,
};

const dataFolder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
const postgres = await startPostgres({ dataFolder, settings: { fsync: 'off' } });
const connection = connect(postgres.databaseUrl);
try {
  const { db } = connection;
  await migrate(db);
  // Shapes as slides have them: between square and three times as long as wide.
  await sql`insert into slide (sha256, name, bytes, object_key, thumbnail_key, reader, format, width0, height0)
    select i::text, i || '.svs', 1, i::text, i::text, 'tiff', 'bench', 1, 1 from generate_series(1, ${slides}) as i`.execute(
    db,
  );
  await sql`insert into slide_fingerprint (slide_id, picture, aspect)
    select id, (floor(random() * 4294967296)::bigint::bit(32) || floor(random() * 4294967296)::bigint::bit(32))::bit(64),
      1 + 2 * random() from slide`.execute(db);
  await sql`vacuum analyze`.execute(db);
  const times: number[] = [];
  const passes: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { id } = await db
      .insertInto('slide')
      .values({ ...row, sha256: `new ${round}`, objectKey: `new ${round}` })
      .returning('id')
      .executeTakeFirstOrThrow();
    const [twin] = (
      await sql<{ picture: string; aspect: number }>`select picture::text, aspect from slide_fingerprint
        order by slide_id limit 1 offset ${round * 17}`.execute(db)
    ).rows;
    if (!twin) throw new Error('no slides');
    // Three bits off a slide that is there.
    const pictures = pictureHashVariants(BigInt(`0b${twin.picture}`) ^ 0b1110n);
    const startedAt = performance.now();
    await db.transaction().execute((trx) => addFingerprint(trx, id, { pixels: [], pictures, aspect: twin.aspect }));
    times.push(performance.now() - startedAt);
    const passAt = performance.now();
    await sql`select count(picture) from slide_fingerprint`.execute(db);
    passes.push(performance.now() - passAt);
  }
  const { found } = await db
    .selectFrom('slideDuplicate')
    .select((eb) => eb.fn.count<number>('slideId').distinct().as('found'))
    .executeTakeFirstOrThrow();
  const result = {
    figure: quantile(times, 0.5),
    limit: quantile(passes, 0.5),
    unit: 'ms a slide',
    detail: { slides, p99Ms: quantile(times, 0.99), rounds, slidesWithTwins: found },
  };
  console.log(values.json ? JSON.stringify(result) : result);
} finally {
  await connection.close();
  await postgres.stop();
  await rm(dataFolder, { recursive: true, force: true });
}

function quantile(numbers: number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return Number((sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(2));
}
