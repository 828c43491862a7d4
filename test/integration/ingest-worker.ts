import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '@stroma/core/errors';
import { type Database, sql } from '@stroma/db/client';
import { enqueue } from '@stroma/db/runs';
import { LocalStore } from '@stroma/storage/local-store';
import { sharp } from '@stroma/wsi/bounded-sharp';

const main = path.resolve(import.meta.dirname, '../../services/ingest/src/main.ts');

/** Folders and processes of one test. */
export class IngestWorkbench {
  readonly folder: string;
  readonly uploads: string;
  readonly store: LocalStore;
  readonly db: Database;
  readonly #databaseUrl: string;
  readonly #children: ChildProcess[] = [];
  output = '';

  private constructor(folder: string, db: Database, databaseUrl: string) {
    this.folder = folder;
    this.uploads = path.join(folder, 'uploads');
    this.store = new LocalStore(path.join(folder, 'objects'));
    this.db = db;
    this.#databaseUrl = databaseUrl;
  }

  static async open({ db, databaseUrl }: { db: Database; databaseUrl: string }): Promise<IngestWorkbench> {
    const bench = new IngestWorkbench(await mkdtemp(path.join(tmpdir(), 'stroma-ingest-')), db, databaseUrl);
    await mkdir(bench.uploads);
    return bench;
  }

  /** The worker as the launcher starts it: a process of its own, its standard input a pipe. */
  start(change: NodeJS.ProcessEnv = {}): ChildProcess {
    const env = {
      ...process.env,
      ...change,
      DATABASE_URL: this.#databaseUrl,
      STROMA_OBJECTS: `file://${path.join(this.folder, 'objects')}`,
      STROMA_UPLOADS: this.uploads,
    };
    const child = spawn(process.execPath, ['--import', 'tsx', main], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.output += text;
      });
    }
    this.#children.push(child);
    return child;
  }

  /** Puts a finished upload file there and asks for its reading, as the api does. */
  async upload(id: string, content: Buffer | string, fileName = `${id}.svs`): Promise<number> {
    const file = path.join(this.uploads, id);
    if (typeof content === 'string') await copyFile(content, file);
    else await writeFile(file, content);
    await this.db.insertInto('upload').values({ id, fileName, bytes: 1, status: 'reading' }).execute();
    return await enqueue(this.db, { stage: 'read_slide', config: { uploadId: id, path: file, fileName } });
  }

  /** Waits until no run is open. */
  async idle(withinMs = 45_000): Promise<void> {
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await sleep(50)) {
      const open = await this.db.selectFrom('run').select('id').where('status', 'in', ['queued', 'running']).execute();
      if (open.length === 0) return;
    }
    throw new Error(`runs are still open:\n${this.output}`);
  }

  async run(id: number) {
    const run = await this.db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
    return { ...run, error: run.error as unknown as Problem | null, result: run.result as Record<string, unknown> };
  }

  async keys(...prefixes: string[]): Promise<string[]> {
    const keys: string[] = [];
    for (const prefix of prefixes) for await (const key of this.store.list(prefix)) keys.push(key);
    return keys.sort();
  }

  async close(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Its first line says that it listens. */
export async function untilReady(child: ChildProcess): Promise<void> {
  let text = '';
  while (!text.includes(' ready')) {
    const [chunk] = await once(child.stdout ?? child, 'data', { signal: AbortSignal.timeout(45_000) });
    text += chunk;
  }
}

/** A pyramidal TIFF at 0.5 µm/px: speckled pink on white; another shade gives another slide. */
export async function slideBytes({
  width = 1400,
  height = 1100,
  shade = 0,
  mpp = 0.5,
  tissue = true,
} = {}): Promise<Buffer> {
  const rgb = Buffer.alloc(width * height * 3, 250);
  for (let y = 128; tissue && y < height - 128; y += 1) {
    for (let x = 128; x < width - 128; x += 1) {
      const at = (y * width + x) * 3;
      rgb[at] = 190 + ((x * 7 + y * 3) % 40);
      rgb[at + 1] = 90 + ((x ^ y) % 50) + shade;
      rgb[at + 2] = 160 + (y % 30);
    }
  }
  const perMillimetre = mpp === 0 ? 1 : 1000 / mpp;
  return await sharp(rgb, { raw: { width, height, channels: 3 } })
    .tiff({
      compression: 'jpeg',
      tile: true,
      pyramid: true,
      xres: perMillimetre,
      yres: perMillimetre,
      resolutionUnit: 'cm',
    })
    .toBuffer();
}

/** A kill's lease runs out at once, so that the test does not wait for it. */
async function expireLeases({ db }: IngestWorkbench): Promise<void> {
  await sql`update run set lease_until = now() - interval '1 second', attempt = 1 where status = 'running'`.execute(db);
}

/** Starts the worker and kills it a moment later, again and again; then lets it finish. Answers the kills that hit a run. */
export async function finishUnderKills(bench: IngestWorkbench, kills: number): Promise<number> {
  let hits = 0;
  for (let i = 0; i < kills; i += 1) {
    const child = bench.start();
    const { db } = bench;
    // From a run's first moment on: the kills fall on different steps.
    for (const deadline = Date.now() + 15_000; Date.now() < deadline; await sleep(5)) {
      const held = await db.selectFrom('run').select('id').where('status', '=', 'running').execute();
      const open = await db.selectFrom('run').select('id').where('status', 'in', ['queued', 'running']).execute();
      if (held.length > 0 || open.length === 0) break;
    }
    await sleep(15 * i);
    child.kill('SIGKILL');
    await sleep(50);
    const held = await db.selectFrom('run').select('id').where('status', '=', 'running').execute();
    hits += held.length;
    await expireLeases(bench);
  }
  bench.start();
  await bench.idle();
  return hits;
}
