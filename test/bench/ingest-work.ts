import path from 'node:path';
import type { CropGrid } from '@stroma/core/crop-grid';
import type { PixelSpacing } from '@stroma/core/units';
import type { Connection } from '@stroma/db/client';
import { requestCropSets } from '@stroma/db/crop-sets';
import { enqueue } from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { Cutters } from '@stroma/ingest/cutter/cutters';
import { readSlideHandler } from '@stroma/ingest/read-slide';
import { tileHandler } from '@stroma/ingest/tile';
import type { ObjectStore } from '@stroma/storage/object-store';

export interface Cut {
  cropSetId: number;
  crops: number;
  copiedCrops: number;
  decodedTiles: number;
  /** From the request to the committed rows. */
  seconds: number;
  /** To the end of the run: copied crops are measured after they are committed. */
  measuredSeconds: number;
  /** Of the worker and its processes. */
  cpuSeconds: number;
  planSeconds: number;
}

/** The worker at its usual work, in this process; its own processes are theirs. */
export class IngestWork {
  workerPeakMb = 0;
  processesPeakMb = 0;
  readonly #connection: Connection;
  readonly #cutters = new Cutters();
  readonly #stop = new AbortController();
  readonly #working: Promise<void>;

  constructor(connection: Connection, store: ObjectStore, uploads: string, log: (line: string) => void) {
    this.#connection = connection;
    const handlers = {
      read_slide: readSlideHandler({ connection, store, uploads, log }),
      tile: tileHandler({ connection, store, cutters: this.#cutters, log }),
    };
    this.#working = work({ connection, name: 'bench', handlers, log }, this.#stop.signal);
  }

  async read(file: string): Promise<{ id: string; spacing0: PixelSpacing; mbPerS: number }> {
    const id = path.basename(file);
    await this.#connection.db.insertInto('upload').values({ id, fileName: id, bytes: 1, status: 'reading' }).execute();
    const config = { uploadId: id, path: file, fileName: id };
    const startedAt = performance.now();
    await this.#ended(await enqueue(this.#connection.db, { stage: 'read_slide', config }));
    const seconds = (performance.now() - startedAt) / 1000;
    const slide = await this.#connection.db
      .selectFrom('slide')
      .select(['id', 'mppX', 'mppY', 'bytes'])
      .orderBy('createdAt', 'desc')
      .executeTakeFirst();
    if (!slide?.mppX || !slide.mppY) throw new Error('the slide was refused, or its µm/px are not known');
    return { id: slide.id, spacing0: { x: slide.mppX, y: slide.mppY }, mbPerS: slide.bytes / 1e6 / seconds };
  }

  async cut(slideId: string, mpp: number, grid: CropGrid): Promise<Cut> {
    const look = setInterval(() => {
      this.workerPeakMb = Math.max(this.workerPeakMb, Math.round(process.memoryUsage.rss() / 1e6));
    }, 50);
    const cpu = process.cpuUsage();
    const startedAt = performance.now();
    const [set] = await requestCropSets(this.#connection.db, [slideId], [mpp], grid);
    if (!set?.runId) throw new Error('no run');
    await this.#ready(set.cropSetId, set.runId);
    const seconds = (performance.now() - startedAt) / 1000;
    const result = (await this.#ended(set.runId)) as Record<string, number>;
    const measuredSeconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    clearInterval(look);
    this.processesPeakMb = Math.max(this.processesPeakMb, result.processesPeakMb ?? 0);
    return {
      cropSetId: set.cropSetId,
      crops: result.crops ?? 0,
      copiedCrops: result.copiedCrops ?? 0,
      decodedTiles: result.decodedTiles ?? 0,
      seconds,
      measuredSeconds,
      cpuSeconds: (user + system) / 1e6 + (result.cpuSeconds ?? 0),
      planSeconds: result.planSeconds ?? 0,
    };
  }

  /** Level-0 px of the crops' top-left corners. */
  async places(cropSetId: number): Promise<[number, number][]> {
    const { db } = this.#connection;
    const rows = await db
      .selectFrom('crop')
      .select(['x0', 'y0'])
      .where('cropSetId', '=', cropSetId)
      .orderBy('ix')
      .execute();
    return rows.map(({ x0, y0 }) => [x0, y0]);
  }

  /** As if the worker and all its processes peaked at once. */
  peakRssMb(): number {
    return this.workerPeakMb + this.processesPeakMb;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#working;
    this.#cutters.close();
  }

  async #ready(cropSetId: number, runId: number): Promise<void> {
    for (;;) {
      const { db } = this.#connection;
      const set = await db.selectFrom('cropSet').select('status').where('id', '=', cropSetId).executeTakeFirst();
      if (set?.status === 'ready') return;
      if (set?.status !== 'queued') await this.#ended(runId);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #ended(runId: number): Promise<Record<string, unknown>> {
    for (;;) {
      const run = await this.#connection.db
        .selectFrom('run')
        .select(['status', 'result', 'error'])
        .where('id', '=', runId)
        .executeTakeFirstOrThrow();
      if (run.status === 'succeeded') return run.result as Record<string, unknown>;
      if (run.status === 'failed') throw new Error(JSON.stringify(run.error));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
