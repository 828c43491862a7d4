import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { benchCache } from './ingest-pyramids.ts';
import { learningRate, locals, patchPx, type Setting, type Step, stepsOf } from './train-setting.ts';

const repository = 'https://github.com/facebookresearch/dino';
export const peerCommit = '7c446df';
const torchvision = 'torchvision==0.28.0';
const run = promisify(execFile);

/** Folder with main_dino.py: the one that is given, else the pinned commit, fetched once. */
export async function peerSource(given: string | undefined, say: (line: string) => void): Promise<string> {
  const source = given ? path.resolve(given) : path.join(benchCache(), `peers-dino-${peerCommit}`);
  if (existsSync(path.join(source, 'main_dino.py'))) return source;
  if (given) throw new Error(`${given} has no main_dino.py: --source names a checkout of ${repository}`);
  say(`fetching ${repository}`);
  const building = `${source}.${process.pid}`;
  await mkdir(benchCache(), { recursive: true });
  try {
    await run('git', ['clone', '-q', repository, building]);
    await run('git', ['-C', building, 'checkout', '-q', peerCommit]);
    await rename(building, source);
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return source;
}

/** Folder to add to PYTHONPATH, with torchvision, which the peer needs and the trainer does not. */
export async function peerPackages(python: string, say: (line: string) => void): Promise<string> {
  const folder = path.join(benchCache(), `peers-${torchvision.replace('==', '-')}`);
  if (existsSync(path.join(folder, 'torchvision'))) return folder;
  const present = await run(python, ['-c', 'import importlib.metadata as m; m.version("torchvision")']).then(
    () => true,
    () => false,
  );
  if (present) return '';
  say(`installing ${torchvision}`);
  const options = ['-q', '--no-deps', '--disable-pip-version-check', '--target', folder];
  await run(python, ['-m', 'pip', 'install', ...options, torchvision], { maxBuffer: 64 << 20 });
  return folder;
}

export interface PeerRun {
  /** Folder with main_dino.py, and what peerPackages answered. */
  source: string;
  packages: string;
  /** Crops as files, a folder a class. */
  data: string;
  folder: string;
  seed: number;
}

/** Its own defaults but for what the setting says; fp32, because its half precision is CUDA's. A loader's process a core. */
export async function trainPeer(python: string, setting: Setting, peer: PeerRun): Promise<Step[]> {
  const { arch, batch, epochs, threads } = setting;
  const out = path.join(peer.folder, 'steps.json');
  await mkdir(peer.folder, { recursive: true });
  const options = {
    arch,
    patch_size: patchPx,
    data_path: peer.data,
    output_dir: peer.folder,
    use_fp16: false,
    batch_size_per_gpu: batch,
    num_workers: threads,
    local_crops_number: locals,
    epochs,
    warmup_epochs: 1,
    lr: learningRate,
    seed: peer.seed,
    dist_url: `file://${path.join(peer.folder, 'group')}`,
  };
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = path.join(import.meta.dirname, 'train_peer.py');
  const env = {
    ...process.env,
    PYTHONPATH: peer.packages,
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
  };
  const command = [program, peer.source, String(stepsOf(setting)), out, ...flags];
  await run(python, command, { env, maxBuffer: 64 << 20 });
  const steps: { first: boolean; seconds: number; waited_s: number; loss: number }[] = JSON.parse(
    await readFile(out, 'utf8'),
  );
  return steps.map(({ first, seconds, waited_s, loss }) => ({
    // An epoch's first step starts the loader's processes: it counts for the loss, not for the rate.
    seconds: first ? Number.NaN : seconds,
    dataWait: first ? undefined : waited_s / seconds,
    loss,
  }));
}
