import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Connection } from '@stroma/db/client';
import type { NewCrop } from '@stroma/db/crop-partition';
import type { Submittable } from 'pg';

// A dependency of the db room, so that it is found from there.
const require = createRequire(new URL('../../services/db/package.json', import.meta.url));
const { from: copyFrom } = require('pg-copy-streams') as { from(text: string): Writable & Submittable };
const run = promisify(execFile);

/** The rows of one crop set as COPY's text, ready on disk. */
export async function writeRows(file: string, cropSetId: number, crops: readonly NewCrop[]): Promise<void> {
  const out = await open(file, 'w');
  const batch = 10_000;
  for (let from = 0; from < crops.length; from += batch) {
    const lines = crops.slice(from, from + batch).map((crop, i) => {
      const numbers = [crop.sharpness, crop.pen, crop.saturation, crop.darkness, crop.fold];
      const place = [cropSetId, from + i, crop.x0, crop.y0, crop.tissueFraction.toFixed(4)];
      const bytes = [crop.shardIx, crop.byteOffset, crop.byteLength];
      return `${[...place, ...bytes, ...numbers.map((value) => value.toFixed(4))].join('\t')}\n`;
    });
    await out.write(lines.join(''));
  }
  await out.close();
}

export interface PeerCopy {
  name: string;
  /** Copies each file into the table of its name; seconds in all. */
  copy(files: readonly { table: string; file: string }[]): Promise<number>;
}

/** psql's own \copy; where there is no psql, pg's COPY of the same ready files. */
export async function peerCopy(connection: Connection, databaseUrl: string): Promise<PeerCopy> {
  const version = await run('psql', ['--version']).catch(() => undefined);
  if (!version)
    return { name: 'pg’s COPY of ready files (there is no psql here)', copy: (files) => byPg(connection, files) };
  const name = `${version.stdout.trim()}: \\copy of ready files`;
  return {
    name,
    async copy(files) {
      const commands = files.flatMap(({ table, file }) => ['-c', `\\copy ${table} from '${path.resolve(file)}'`]);
      const startedAt = performance.now();
      await run('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', databaseUrl, ...commands]);
      return (performance.now() - startedAt) / 1000;
    },
  };
}

async function byPg(connection: Connection, files: readonly { table: string; file: string }[]): Promise<number> {
  const client = await connection.pool.connect();
  const startedAt = performance.now();
  for (const { table, file } of files) {
    await pipeline(
      createReadStream(file, { highWaterMark: 1 << 19 }),
      client.query(copyFrom(`copy ${table} from stdin`)),
    );
  }
  const seconds = (performance.now() - startedAt) / 1000;
  client.release();
  return seconds;
}
