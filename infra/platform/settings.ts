import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { StromaError } from '@stroma/core/errors';
import { inRepository } from '../repository.ts';

export interface PlatformOptions {
  dataFolder: string;
  port: number;
  /** A Postgres of one's own instead of the embedded one. */
  databaseUrl?: string;
}

/** `STROMA_DATA`, `PORT` and `DATABASE_URL`, with `--port` before `PORT`. */
export function platformOptions(portFlag?: string): PlatformOptions {
  const text = portFlag ?? process.env.PORT ?? '3000';
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StromaError({
      code: 'start.port',
      message: 'The port is not usable.',
      expected: 'a number from 1 to 65535',
      found: text,
      where: portFlag === undefined ? 'PORT' : '--port',
    });
  }
  return {
    dataFolder: path.resolve(process.env.STROMA_DATA || inRepository('.stroma')),
    port,
    ...(process.env.DATABASE_URL ? { databaseUrl: process.env.DATABASE_URL } : {}),
  };
}

export interface DataFolders {
  root: string;
  postgres: string;
  objects: string;
  uploads: string;
  log: string;
  sockets: string;
}

export async function makeDataFolders(root: string): Promise<DataFolders> {
  const folders = {
    root,
    postgres: path.join(root, 'postgres'),
    objects: path.join(root, 'objects'),
    uploads: path.join(root, 'uploads'),
    log: path.join(root, 'log'),
    sockets: path.join(root, 'sockets'),
  };
  // The root can be passed through, so that the database server needs no more rights; all below it is closed.
  await mkdir(root, { recursive: true, mode: 0o711 }).catch((error: Error) => {
    throw new StromaError({
      code: 'data.folder',
      message: 'The data folder cannot be made.',
      where: root,
      found: error.message,
      remedy: 'Set STROMA_DATA to a folder that you may write.',
    });
  });
  for (const folder of [folders.objects, folders.uploads, folders.log]) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
  return folders;
}

/** Signs sessions; made once, and kept, so that a restart signs nobody out. */
export async function keptSecret(root: string): Promise<string> {
  const file = path.join(root, 'secret');
  await writeFile(file, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
  return (await readFile(file, 'utf8')).trim();
}
