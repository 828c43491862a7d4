import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { learningRate, type Setting, type Step, shapes, stepsOf } from './train-setting.ts';

export type Precision = 'fp32' | 'bf16';

const trainer = path.join(import.meta.dirname, '../../services/trainer');

/** A run of the stage itself, as the platform starts it; its steps are read from the events it leaves. */
export async function trainOurs(
  python: string,
  setting: Setting,
  { manifest, run, seed, precision }: { manifest: string; run: string; seed: number; precision: Precision },
): Promise<Step[]> {
  const { arch, batch, epochs, threads } = setting;
  const overrides = {
    ...shapes[arch],
    batch_size: batch,
    epochs,
    max_samples: stepsOf(setting) * batch,
    lr: learningRate,
    warmup_epochs: 1,
    threads,
    precision,
    metric_interval_s: 0,
    checkpoint_interval_s: 3600,
    watch_every_epochs: -1, // the peer has no such thing
  };
  const config = { version: 1, run_id: '1', stage: 'train_dino', preset: 'panda', seed, code_revision: 'bench' };
  await mkdir(run, { recursive: true });
  await writeFile(path.join(run, 'config.json'), JSON.stringify({ ...config, overrides, inputs: { manifest } }));
  const env = trainerEnvironment(threads);
  await promisify(execFile)(python, ['-m', 'stroma_trainer', 'train_dino', '--run', run], { env, maxBuffer: 64 << 20 });
  return readSteps(path.join(run, 'events.jsonl'));
}

/** With the trainer's package to import; packages: a further folder. */
export function trainerEnvironment(threads: number, packages?: string): NodeJS.ProcessEnv {
  const paths = packages ? `${trainer}${path.delimiter}${packages}` : trainer;
  return { ...process.env, PYTHONPATH: paths, PYTHONDONTWRITEBYTECODE: '1', OMP_NUM_THREADS: String(threads) };
}

async function readSteps(file: string): Promise<Step[]> {
  const events = (await readFile(file, 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  // Steps of the training: k-NN is told as a metric, too.
  const metrics = events.filter(({ kind, phase, values }) => kind === 'metric' && phase === 'dino' && 'loss' in values);
  return metrics.slice(1).map((event, ix) => ({
    seconds: (Date.parse(event.time) - Date.parse(metrics[ix].time)) / 1000,
    dataWait: event.values.data_wait,
    loss: event.values.loss,
  }));
}
