import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { RunResult } from '@stroma/core/contract/run-directory';
import { StromaError } from '@stroma/core/errors';
import { checkpointOf, type NewCheckpoint, putCheckpoints } from '@stroma/db/checkpoints';
import type { Connection } from '@stroma/db/client';
import { inputRun } from '@stroma/db/run-inputs';
import { type Lease, type RunRow, succeed } from '@stroma/db/runs';
import { putSyntheticSet } from '@stroma/db/synthetic-sets';
import { Compile } from 'typebox/compile';
import { runKey } from './run-folder.ts';

const schema = Compile(RunResult);
/** The file whose SHA-256 names a checkpoint. */
const namingFile = { encoder: 'encoder.onnx', eldm: 'unet.onnx', abmil: 'abmil.onnx' } as const;

/** Checks what the trainer left and stores it together with the run's success. */
export async function finishRun(connection: Connection, run: RunRow, lease: Lease, folder: string): Promise<void> {
  const result = await readResult(path.join(folder, 'result.json'), run);
  const checkpoints: NewCheckpoint[] = [];
  for (const checkpoint of result.checkpoints) checkpoints.push(await checked(checkpoint, run.id, folder));
  const eldm =
    run.stage === 'synthesize'
      ? await checkpointOf(connection.db, await inputRun(connection.db, run, 'train_eldm'), 'eldm')
      : undefined;
  await connection.db.transaction().execute(async (trx) => {
    await putCheckpoints(trx, run.id, checkpoints);
    if (eldm) {
      await putSyntheticSet(trx, {
        runId: run.id,
        checkpointId: eldm.id,
        objectKey: `${runKey(run.id)}/synthetic.json`,
        generatedCount: count(result.metrics.generated_crops),
        interpolatedCount: count(result.metrics.interpolated_crops),
      });
    }
    await succeed(trx, lease, result);
  });
}

async function readResult(file: string, run: RunRow): Promise<RunResult> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw unusable(file, `no readable file: ${String(error)}`);
  }
  if (!schema.Check(value)) {
    const [first] = schema.Errors(value);
    throw unusable(file, `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim());
  }
  if (value.stage !== run.stage || value.run_id !== String(run.id)) {
    throw unusable(file, `the result of ${value.stage} run ${value.run_id}`);
  }
  return value;
}

async function checked(
  { kind, fold, seed_ix: seedIx = 0, files, card }: RunResult['checkpoints'][number],
  runId: number,
  folder: string,
): Promise<NewCheckpoint> {
  for (const file of files) {
    const target = path.resolve(folder, file.path);
    if (!target.startsWith(folder + path.sep)) throw unusable(target, 'a file outside the run directory');
    const bytes = await stat(target)
      .then((found) => found.size)
      .catch(() => undefined);
    if (bytes !== file.bytes) throw unusable(target, `${bytes ?? 'no'} bytes`, `${file.bytes} bytes`);
    const sha256 = await sha256Of(target);
    if (sha256 !== file.sha256) throw unusable(target, `SHA-256 ${sha256}`, `SHA-256 ${file.sha256}`);
  }
  const named = files.find((file) => path.basename(file.path) === namingFile[kind]);
  if (!named) throw unusable(folder, `a ${kind} checkpoint without ${namingFile[kind]}`);
  return {
    kind,
    fold,
    seedIx,
    objectKey: path.posix.join(runKey(runId), path.dirname(named.path)),
    sha256: named.sha256,
    card,
  };
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

const count = (value: unknown) => (typeof value === 'number' ? value : 0);

function unusable(where: string, found: string, expected = 'what the trainer’s contract says'): StromaError {
  return new StromaError({
    code: 'trainer.result_unusable',
    message: 'The trainer ended well, but what it left behind cannot be used.',
    expected,
    found,
    where,
    remedy: 'Run the stage again; if it stays, the trainer and the launcher are of different versions.',
  });
}
