/**
 * Crops a second that DINO trains on, by the stage itself:
 *
 *   npm run bench:train -- [--json] [--peers [--source DIR]] [--arch vit_tiny|vit_small] [--batch 16] [--crops 256]
 *     [--epochs 3] [--seeds 2]
 *
 * With --peers beside facebookresearch/dino's main_dino.py on the same crops, with the same network, views, head, batch,
 * schedules, seeds and threads; DIR is a checkout of it, else it is fetched. Both curves are in the report. The limit
 * is what the networks' matrix products alone would take at the rate measured in the same run.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';
import { compare, curve, dataWait, mean, rate } from './train-curves.ts';
import { type Precision, trainerEnvironment, trainOurs } from './train-ours.ts';
import { peerCommit, peerPackages, peerSource, trainPeer } from './train-peer.ts';
import { globalPx, patchPx, type Setting, type Step, shapes, stepsOf, trainingFlop } from './train-setting.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    source: { type: 'string' },
    arch: { type: 'string', default: 'vit_tiny' },
    batch: { type: 'string', default: '16' },
    crops: { type: 'string', default: '256' },
    epochs: { type: 'string', default: '3' },
    seeds: { type: 'string', default: '2' },
  },
});
const run = promisify(execFile);
const arch = values.arch === 'vit_small' ? 'vit_small' : 'vit_tiny';
const setting: Setting = {
  arch,
  batch: Number(values.batch),
  crops: Number(values.crops),
  epochs: Number(values.epochs),
  threads: Math.min(2, availableParallelism()),
};
const seeds = Array.from({ length: Number(values.seeds) }, (_, i) => i + 1);
const say = (line: string) => values.json || console.log(line);

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const python = await trainerPython('run');
  if (!python) throw new Error('the trainer’s environment is not set up: npm run setup');
  await run(python, [path.join(import.meta.dirname, 'train_crops.py'), folder, String(setting.crops)]);

  const peerRuns: Step[][] = [];
  const ours: Record<Precision, Step[][]> = { fp32: [], bf16: [] };
  const peer = values.peers
    ? { source: await peerSource(values.source, say), packages: await peerPackages(python, say) }
    : undefined;
  // Taken in turns, so that what else the machine does meets all alike.
  for (const seed of seeds) {
    if (peer) {
      const place = { data: path.join(folder, 'folder'), folder: path.join(folder, `peer-${seed}`), seed };
      peerRuns.push(await trainPeer(python, setting, { ...peer, ...place }));
      say(`main_dino.py, seed ${seed}: ${round(rate(peerRuns.at(-1) ?? [], setting.batch))} crops/s`);
    }
    for (const precision of ['bf16', 'fp32'] as const) {
      const place = {
        manifest: path.join(folder, 'shards', 'manifest.json'),
        run: path.join(folder, precision + seed),
      };
      ours[precision].push(await trainOurs(python, setting, { ...place, seed, precision }));
      say(`${precision}, seed ${seed}: ${round(rate(ours[precision].at(-1) ?? [], setting.batch))} crops/s`);
    }
  }

  const flop = trainingFlop(arch);
  const described = async (precision: Precision) => {
    const figure = mean(ours[precision].map((steps) => rate(steps, setting.batch)));
    const gemm = await gemmRate(python, precision);
    const curves = ours[precision].map(curve);
    const loss = peerRuns.length > 0 ? compare(curves, peerRuns.map(curve)) : undefined;
    return { figure, limit: gemm / flop, gemmGflopS: gemm / 1e9, dataWait: wait(ours[precision]), curves, loss };
  };
  const { stdout } = await run(
    python,
    [
      path.join(import.meta.dirname, 'train_views.py'),
      path.join(folder, 'shards', 'manifest.json'),
      ...(peer ? [peer.source] : []),
    ],
    { env: trainerEnvironment(setting.threads, peer?.packages) },
  );
  const bf16 = await described('bf16');
  const fp32 = await described('fp32');
  const theirs = peerRuns.length > 0 ? mean(peerRuns.map((steps) => rate(steps, setting.batch))) : undefined;
  // The trainer's default; a machine that only imitates bf16 is told to use fp32.
  const best = bf16.figure > fp32.figure ? bf16 : fp32;
  const report = {
    name: 'train',
    figure: best.figure,
    unit: 'crops/s',
    limit: best.limit,
    ratioToLimit: best.figure / best.limit,
    peers: theirs ? { 'facebookresearch/dino main_dino.py': { cropsPerS: theirs, ratio: best.figure / theirs } } : {},
    detail: {
      precision: best === bf16 ? 'bf16' : 'fp32',
      ...setting,
      steps: stepsOf(setting),
      seeds,
      network: shapes[arch],
      dataWait: best.dataWait,
      bf16: { ...bf16, ratioToPeer: theirs && bf16.figure / theirs },
      fp32: { ...fp32, ratioToPeer: theirs && fp32.figure / theirs },
      peer: theirs && { commit: peerCommit, dataWait: wait(peerRuns), curves: peerRuns.map(curve) },
      augmentation: { unit: 'ms a crop, 10 views', ...JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') },
      gflopACrop: flop / 1e9,
      limitIs:
        'torch’s rate on the ViT’s own MLP product, over the FLOP of the networks’ matrix products, head not counted',
      lossIs: 'apart: most that the mean curves lie apart, in nats; seedsApart: most that two seeds of one trainer do',
    },
  };
  console.log(JSON.stringify(report, (_, value) => (typeof value === 'number' ? round(value) : value)));
} finally {
  await rm(folder, { recursive: true, force: true });
}

function wait(runs: Step[][]): number | undefined {
  const told = runs.flatMap((steps) => dataWait(steps) ?? []);
  return told.length > 0 ? mean(told) : undefined;
}

async function gemmRate(python: string, precision: Precision): Promise<number> {
  const rows = 2 * setting.batch * ((globalPx / patchPx) ** 2 + 1);
  const program = path.join(import.meta.dirname, 'train_gemm.py');
  const env = { ...process.env, OMP_NUM_THREADS: String(setting.threads) };
  const { stdout } = await run(python, [program, String(rows), String(shapes[arch].dim), precision], { env });
  return Number(stdout);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
