import { execFile } from 'node:child_process';
import { chown, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { StromaError } from '@stroma/core/errors';
import { type Account, clientName } from './account.ts';
import { postgresBinary } from './binaries.ts';

const run = promisify(execFile);

/** Makes the database files below the folder where there are none yet; returns where they are. */
export async function prepareCluster(folder: string, account: Account): Promise<string> {
  const cluster = path.join(folder, 'cluster');
  const exists = await stat(path.join(cluster, 'PG_VERSION')).catch(() => undefined);
  if (!exists) {
    // Renamed when whole, so that a kill in between leaves nothing that looks like a database.
    const unfinished = path.join(folder, 'cluster.unfinished');
    await rm(unfinished, { recursive: true, force: true });
    const { command, args } = account.wrap(postgresBinary('initdb'), [
      `--pgdata=${unfinished}`,
      '--username=stroma',
      '--auth=peer',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ]);
    await run(command, args, { cwd: '/' }).catch((error: Error & { stderr?: string }) => {
      throw new StromaError({
        code: 'postgres.initdb',
        message: 'The database files could not be made.',
        found: error.stderr || error.message,
        where: folder,
        remedy: 'Check that the disk has 200 MB free and that the folder may be written.',
      });
    });
    await rename(unfinished, cluster);
  }
  await writeAccess(cluster, account);
  return cluster;
}

/**
 * Nobody needs a password and no password lies about: the kernel tells the server which user is at the other end of
 * the socket (peer), and the map lets exactly the user who starts Stroma in.
 */
async function writeAccess(cluster: string, account: Account): Promise<void> {
  await writeFile(path.join(cluster, 'pg_hba.conf'), 'local all stroma peer map=stroma\n');
  await writeFile(path.join(cluster, 'pg_ident.conf'), `stroma "${clientName()}" stroma\n`);
  for (const name of ['pg_hba.conf', 'pg_ident.conf']) await giveTo(account, path.join(cluster, name));
}

export async function ownFolder(account: Account, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await giveTo(account, folder);
}

async function giveTo(account: Account, file: string): Promise<void> {
  if (account.owner) await chown(file, account.owner.uid, account.owner.gid);
}
