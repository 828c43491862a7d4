import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';
import { connect, sql } from '@stroma/db/client';
import { serverAccount } from './postgres/account.ts';
import { postgresBinary } from './postgres/binaries.ts';
import { ownFolder, prepareCluster } from './postgres/cluster.ts';
import { stopLeftover } from './postgres/leftover.ts';
import { type Child, startChild } from './process/child.ts';

export interface PostgresOptions {
  dataFolder: string;
  /** Further settings, e.g. fsync=off for a test that throws its data away. */
  settings?: Record<string, string>;
  onLine?(line: string): void;
}

export interface Postgres {
  databaseUrl: string;
  pid: number;
  /** Resolves with how it ended, when it does. */
  exited: Promise<string>;
  stop(): Promise<void>;
}

/** A socket's path is limited to 107 bytes; `/.s.PGSQL.5432.lock` is added to the folder's. */
const longestSocketFolder = 107 - 19;
const stopGraceMs = 8_000;
const readyWithinMs = 60_000;

/** Starts the embedded server on a unix socket only; nothing listens on the network. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const account = await serverAccount(path.dirname(path.resolve(options.dataFolder)));
  await ownFolder(account, options.dataFolder);
  const folder = await realpath(options.dataFolder);
  const cluster = await prepareCluster(folder, account);
  await stopLeftover(cluster);

  let sockets = path.join(folder, 'socket');
  const inTmp = Buffer.byteLength(sockets) > longestSocketFolder;
  if (inTmp) sockets = await mkdtemp(path.join(tmpdir(), 'stroma-'));
  await ownFolder(account, sockets);

  const settings = {
    listen_addresses: '',
    unix_socket_directories: sockets,
    unix_socket_permissions: '0700',
    max_connections: '100',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const last: string[] = [];
  const onLine = (line: string) => {
    last.push(line);
    if (last.length > 12) last.shift();
    options.onLine?.(line);
  };
  const start = account.wrap(postgresBinary('postgres'), ['-D', cluster, ...flags]);
  const child = await startChild({ ...start, cwd: '/', stopSignal: 'SIGINT', onLine });
  const databaseUrl = `postgresql://stroma@localhost/postgres?host=${encodeURIComponent(sockets)}`;
  await untilReady(databaseUrl, child, last, cluster);
  return {
    databaseUrl,
    pid: child.pid,
    exited: child.exited,
    async stop() {
      await child.stop(stopGraceMs);
      if (inTmp) await rm(sockets, { recursive: true, force: true });
    },
  };
}

async function untilReady(databaseUrl: string, child: Child, last: string[], cluster: string): Promise<void> {
  let ended: string | undefined;
  void child.exited.then((how) => {
    ended = how;
  });
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline && !ended; await sleep(40)) {
    const connection = connect(databaseUrl, { maxConnections: 1 });
    const answers = await sql`select 1`.execute(connection.db).then(
      () => true,
      () => false,
    );
    await connection.close();
    if (answers) return;
  }
  if (!ended) await child.stop(stopGraceMs);
  throw new StromaError({
    code: 'postgres.start',
    message: 'The database did not start.',
    expected: `an answer within ${readyWithinMs / 1000} s`,
    found: [ended ?? 'no answer', ...last].join('\n  '),
    where: cluster,
    remedy: 'The lines above are the server’s own; npm run doctor checks disk and user.',
  });
}
