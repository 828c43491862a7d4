import { mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';
import { connect, sql } from '@stroma/db/client';
import { serverAccount } from './postgres/account.ts';
import { postgresBinary } from './postgres/binaries.ts';
import { ownFolder, prepareCluster } from './postgres/cluster.ts';
import { stopLeftover } from './postgres/leftover.ts';
import { type Child, startChild } from './process/child.ts';
import { socketFolder } from './process/socket-folder.ts';

export interface PostgresOptions {
  dataFolder: string;
  /** Of the socket; its path has at most 87 bytes. Without it one is chosen, and removed by stop. */
  socketFolder?: string;
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

const stopGraceMs = 8_000;
const readyWithinMs = 60_000;

/** Starts the embedded server on a unix socket only; nothing listens on the network. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const above = path.dirname(path.resolve(options.dataFolder));
  await mkdir(above, { recursive: true });
  const account = await serverAccount(above);
  await ownFolder(account, options.dataFolder);
  const folder = await realpath(options.dataFolder);
  const cluster = await prepareCluster(folder, account);
  await stopLeftover(cluster);

  const sockets = options.socketFolder
    ? { folder: options.socketFolder, remove: async () => undefined }
    : await socketFolder(path.join(folder, 'socket'));
  await ownFolder(account, sockets.folder);

  const settings = {
    listen_addresses: '',
    unix_socket_directories: sockets.folder,
    unix_socket_permissions: '0700',
    max_connections: '100',
    ...options.settings,
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const last: string[] = [];
  let saysReady = false;
  const onLine = (line: string) => {
    saysReady ||= line.includes('ready to accept connections');
    last.push(line);
    if (last.length > 12) last.shift();
    options.onLine?.(line);
  };
  const start = account.wrap(postgresBinary('postgres'), ['-D', cluster, ...flags]);
  const child = await startChild({ ...start, cwd: '/', stopSignal: 'SIGINT', onLine });
  const databaseUrl = `postgresql://stroma@localhost/postgres?host=${encodeURIComponent(sockets.folder)}`;
  await untilReady(databaseUrl, child, () => saysReady, last, cluster);
  return {
    databaseUrl,
    pid: child.pid,
    exited: child.exited,
    async stop() {
      await child.stop(stopGraceMs);
      await sockets.remove();
    },
  };
}

async function untilReady(
  databaseUrl: string,
  child: Child,
  saysReady: () => boolean,
  last: string[],
  cluster: string,
): Promise<void> {
  let ended: string | undefined;
  void child.exited.then((how) => {
    ended = how;
  });
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline && !ended; await sleep(20)) {
    if (saysReady() && (await answers(databaseUrl))) return;
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

async function answers(databaseUrl: string): Promise<boolean> {
  const connection = connect(databaseUrl, { maxConnections: 1 });
  try {
    await sql`select 1`.execute(connection.db);
    return true;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
}
