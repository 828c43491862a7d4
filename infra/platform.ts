import { pathToFileURL } from 'node:url';
import { StromaError } from '@stroma/core/errors';
import { connect } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { openStore } from '@stroma/storage/open-store';
import { untilAnswers } from './platform/answers.ts';
import { codeRevision } from './platform/code-revision.ts';
import { oneTimePath } from './platform/one-time-path.ts';
import { claimPort, freePort } from './platform/ports.ts';
import { startServices } from './platform/services.ts';
import { keptSecret, makeDataFolders, type PlatformOptions } from './platform/settings.ts';
import { startPostgres } from './postgres.ts';
import { lockData } from './process/data-lock.ts';
import { type Kept, keepRunning } from './process/keep-running.ts';
import { serviceLog } from './process/service-log.ts';
import { socketFolder } from './process/socket-folder.ts';
import { reconcile } from './reconcile.ts';
import { openSlideLibrary } from './setup/openslide-library.ts';
import { trainerPython } from './setup/trainer-environment.ts';
import { step } from './step.ts';

export interface Platform {
  url: string;
  dataFolder: string;
  databaseUrl: string;
  /** Process ids by service, `postgres` among them. */
  processes(): Record<string, number | undefined>;
  /** A link that signs the local admin in, once. */
  oneTimeLink(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts everything on this machine. What was started is stopped again when a later part fails. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const folders = await makeDataFolders(options.dataFolder);
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const part of undo.splice(0).reverse()) await part();
  };
  const say = (line: string) => console.error(line);
  try {
    undo.push(await lockData(folders.root));
    const port = await claimPort(options.port);
    const kept: Kept[] = [];
    // Chosen once: a database that is started again has to be where the services look for it.
    const sockets = await socketFolder(folders.sockets);
    undo.push(sockets.remove);
    let databaseUrl = options.databaseUrl;
    if (!databaseUrl) {
      const log = serviceLog(folders.log, 'postgres');
      const start = async () => {
        const postgres = await startPostgres({
          dataFolder: folders.postgres,
          socketFolder: `${sockets.folder}/pg`,
          onLine: log,
        });
        databaseUrl = postgres.databaseUrl;
        return postgres;
      };
      const postgres = await step(
        'Postgres',
        () => keepRunning('postgres', start, say),
        () => 'embedded, ready',
      );
      undo.push(() => postgres.stop());
      kept.push(postgres);
    }
    const url = databaseUrl as string;
    const objects = pathToFileURL(folders.objects).href;
    await prepareData(url, objects);

    const webPort = await freePort();
    const environment = {
      ...process.env,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: String(port),
      DATABASE_URL: url,
      STROMA_OBJECTS: objects,
      STROMA_UPLOADS: folders.uploads,
      STROMA_SECRET: await keptSecret(folders.root),
      STROMA_WEB_URL: `http://127.0.0.1:${webPort}`,
      STROMA_INFERENCE_SOCKET: `${sockets.folder}/inference.sock`,
      STROMA_PYTHON: (await trainerPython('run')) ?? missingTrainer(),
      STROMA_OPENSLIDE: await openSlideLibrary('run'),
      STROMA_CODE_REVISION: await codeRevision(),
    };
    const origin = `http://127.0.0.1:${port}`;
    const running = await step(
      'Services',
      async () => {
        const all = await startServices(environment, webPort, folders.log, say);
        undo.push(async () => void (await Promise.all(all.map((service) => service.stop()))));
        await untilAnswers(`${origin}/api/me`, folders.log);
        await untilAnswers(environment.STROMA_WEB_URL, folders.log);
        return all;
      },
      (all) => `${all.map((service) => service.name).join(', ')} are up`,
    );
    kept.push(...running);
    return {
      url: `http://localhost:${port}`,
      dataFolder: folders.root,
      databaseUrl: url,
      processes: () => Object.fromEntries(kept.map((service) => [service.name, service.pid()])),
      oneTimeLink: async () => `http://localhost:${port}${await oneTimePath(environment)}`,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareData(databaseUrl: string, objects: string): Promise<void> {
  const connection = connect(databaseUrl, { maxConnections: 2 });
  try {
    await step(
      'Migrations',
      () => migrate(connection.db),
      (names) => (names.length ? names.join(', ') : 'none missing'),
    );
    await step('Files and rows', () => reconcile(connection.db, openStore(objects)));
  } finally {
    await connection.close();
  }
}

function missingTrainer(): never {
  throw new StromaError({
    code: 'start.trainer',
    message: 'The trainer’s Python environment is not set up.',
    remedy: 'npm run setup',
  });
}
