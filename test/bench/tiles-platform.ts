import { copyFile, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createOneTimeLink } from '@stroma/api/one-time-link';
import { ensureLocalAdmin, firstAdmin } from '@stroma/db/accounts';
import { connect } from '@stroma/db/client';
import { migrate } from '@stroma/db/migrate';
import { enqueue } from '@stroma/db/runs';
import { slideLevels } from '@stroma/db/slide-list';
import { createUpload } from '@stroma/db/uploads';
import { work } from '@stroma/db/worker';
import { startPostgres } from '@stroma/infra/postgres';
import { readSlideHandler } from '@stroma/ingest/read-slide';
import { LocalStore } from '@stroma/storage/local-store';
import { type Server, startApiProcess } from './tiles-processes.ts';

export interface TilePlatform {
  api: Server;
  /** Of a signed-in person. */
  cookie: string;
  /** Addresses of every tile of the slide's finest level, by the name of its file. */
  tiles: Map<string, string[]>;
  stop(): Promise<void>;
}

/** A database, these slides read as an upload is, and the api over them with a person signed in. */
export async function startTilePlatform(
  folder: string,
  files: readonly string[],
  profile?: string,
): Promise<TilePlatform> {
  const postgres = await startPostgres({ dataFolder: path.join(folder, 'postgres') });
  const connection = connect(postgres.databaseUrl);
  await migrate(connection.db);
  const objects = path.join(folder, 'objects');
  const uploads = path.join(folder, 'uploads');
  await mkdir(uploads, { recursive: true });
  const stopReading = new AbortController();
  const log = () => undefined;
  const handlers = {
    read_slide: readSlideHandler({ connection, store: new LocalStore(objects), uploads, log }),
  };
  const reading = work({ connection, name: 'bench', handlers, log }, stopReading.signal);
  const tiles = new Map<string, string[]>();
  await ensureLocalAdmin(connection.db);
  const userId = (await firstAdmin(connection.db))?.id ?? '';
  for (const file of files) {
    const upload = path.join(uploads, path.basename(file));
    await copyFile(file, upload);
    const fileName = path.basename(file);
    await createUpload(connection.db, { id: fileName, userId, fileName, bytes: (await stat(file)).size });
    const config = { uploadId: fileName, path: upload, fileName };
    const runId = await enqueue(connection.db, { stage: 'read_slide', config });
    tiles.set(file, await tileAddresses(await slideOf(runId)));
  }
  stopReading.abort();
  await reading;
  const environment = {
    PORT: '0',
    DATABASE_URL: postgres.databaseUrl,
    STROMA_OBJECTS: pathToFileURL(objects).href,
    STROMA_UPLOADS: uploads,
    STROMA_SECRET: 'a secret of at least 32 characters',
  };
  const api = await startApiProcess(environment, profile);
  return {
    api,
    cookie: await signIn(api.origin),
    tiles,
    async stop() {
      await api.stop();
      await connection.close();
      await postgres.stop();
    },
  };

  async function slideOf(runId: number): Promise<string> {
    for (;;) {
      const query = connection.db.selectFrom('run').select(['status', 'result', 'error']).where('id', '=', runId);
      const { status, result, error } = await query.executeTakeFirstOrThrow();
      const slideId = (result as { slideId?: string } | null)?.slideId;
      if (slideId) return slideId;
      if (status === 'succeeded' || status === 'failed') throw new Error(JSON.stringify({ result, error }));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async function tileAddresses(slideId: string): Promise<string[]> {
    const levels = await slideLevels(connection.db, slideId);
    const [finest] = levels;
    if (!finest) throw new Error(`slide ${slideId} has no level`);
    const across = Math.ceil(finest.width / finest.tileWidth);
    const down = Math.ceil(finest.height / finest.tileHeight);
    return Array.from({ length: across * down }, (_, i) => {
      return `/api/slides/${slideId}/tiles/${levels.length - 1}/${i % across}/${Math.floor(i / across)}`;
    });
  }

  async function signIn(origin: string): Promise<string> {
    const answer = await fetch(origin + (await createOneTimeLink(connection)), { redirect: 'manual' });
    return answer.headers
      .getSetCookie()
      .map((value) => value.split(';')[0])
      .join('; ');
  }
}
