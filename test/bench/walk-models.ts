import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { noise } from '@stroma/core/diffusion/noise';
import { samplers } from '@stroma/core/diffusion/sampling';
import { type CheckpointKind, putCheckpoints } from '@stroma/db/checkpoints';
import type { Connection } from '@stroma/db/client';
import { mpp, type TestCohort } from '../integration/inference-cohort.ts';

interface Exported {
  checkpoints: {
    kind: CheckpointKind;
    fold: number | null;
    files: { path: string; sha256: string }[];
    card: Record<string, unknown>;
  }[];
  latents: number[][];
}

const naming = { encoder: 'encoder.onnx', eldm: 'unet.onnx', abmil: 'abmil.onnx' } as const;
const runs = {
  encoder: ['dino', 'train_dino'],
  eldm: ['eldm', 'train_eldm'],
  abmil: ['abmil', 'train_abmil'],
} as const;

/** What torch and the service draw from the same noise. */
export const samplings = samplers.flatMap((sampler) =>
  [4, 10].map((steps) => ({ sampler, steps, noise: noise(3n, 3 * 64 * 64), embedding: noise(5n, 1024) })),
);

/** Untrained networks of a preset stand as the finished runs of the cohort's job. */
export async function installModels(options: {
  connection: Connection;
  cohort: TestCohort;
  python: string;
  preset: string;
  folder: string;
}): Promise<Exported> {
  const { connection, cohort, python, preset, folder } = options;
  const [spec, out] = [path.join(folder, 'spec.json'), path.join(folder, 'exported.json')];
  const lists = samplings.map((one) => ({ ...one, noise: [...one.noise], embedding: [...one.embedding] }));
  const asked = { folder, preset, crop_px: 256, mpp, classes: ['low', 'high'], folds: 3, samplings: lists };
  await writeFile(spec, JSON.stringify(asked));
  const env = {
    ...process.env,
    PYTHONPATH: path.join(import.meta.dirname, '../../services/trainer'),
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const program = path.join(import.meta.dirname, 'walk_models.py');
  await promisify(execFile)(python, [program, spec, out], { env, maxBuffer: 64 << 20 });
  const exported = JSON.parse(await readFile(out, 'utf8')) as Exported;
  for (const [kind, [name, stage]] of Object.entries(runs) as [CheckpointKind, readonly [string, string]][]) {
    const { id } = await connection.db
      .insertInto('run')
      .values({ stage, jobId: cohort.jobId, status: 'succeeded', encoder: kind === 'abmil' ? 'dino' : null })
      .returning('id')
      .executeTakeFirstOrThrow();
    await cp(path.join(folder, name), cohort.store.localPath(`runs/${id}`), { recursive: true });
    const checkpoints = exported.checkpoints
      .filter((checkpoint) => checkpoint.kind === kind)
      .map(({ files, fold, card }) => {
        const file = files.find(({ path: at }) => path.basename(at) === naming[kind]);
        if (!file) throw new Error(`no ${naming[kind]} was exported`);
        const objectKey = `runs/${id}/${path.dirname(file.path)}`;
        return { kind, fold, seedIx: 0, objectKey, sha256: file.sha256, card };
      });
    await connection.db.transaction().execute((trx) => putCheckpoints(trx, id, checkpoints));
  }
  return exported;
}
