import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ObjectStore } from '@stroma/storage/object-store';
import type { Built, ToBuild } from './index-process.ts';
import { type IndexRecord, indexKeys } from './index-record.ts';

export interface IndexedFile {
  path: string;
  sha256: string;
}

const processFile = fileURLToPath(new URL('./index-process.ts', import.meta.url));
const typescript = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;

/** Builds a run's index beside its embeddings: the index first, its record second. */
export async function buildIndex(
  store: ObjectStore,
  runId: number,
  { files, dim }: { files: readonly IndexedFile[]; dim: number },
  onStart: (child: ChildProcess) => void,
): Promise<void> {
  const keys = indexKeys(runId);
  const object = await store.begin(keys.index);
  try {
    const child = fork(processFile, [], {
      execArgv: ['--import', typescript],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    onStart(child);
    const rows = await rowsBuilt(child, { files: files.map((file) => file.path), dim, target: object.path });
    await object.grown((await stat(object.path)).size);
    const { sha256, bytes } = await object.finish();
    const record: IndexRecord = {
      version: 1,
      sha256,
      bytes,
      dim,
      files: files.map((file, i) => ({ sha256: file.sha256, rows: rows[i] ?? 0 })),
    };
    await store.put(keys.record, Buffer.from(JSON.stringify(record)));
  } catch (error) {
    await object.abandon();
    throw error;
  }
}

async function rowsBuilt(child: ChildProcess, wanted: ToBuild): Promise<number[]> {
  const ended = once(child, 'exit').then(([code, signal]): Built => ({ problem: `it ended with ${signal ?? code}` }));
  const answered = once(child, 'message').then(([answer]) => answer as Built);
  child.send(wanted, () => undefined);
  const built = await Promise.race([answered, ended]);
  if ('problem' in built) throw new Error(built.problem);
  return built.rows;
}
