/**
 * Crops a second that an E-LDM draws by DDIM with guidance, latents only, beside diffusers' own pipeline loop on the same
 * weights: `npm run bench:sample -- [--json] [--preset tiny|panda] [--batch 8] [--steps 50] [--rounds 3]`. With
 * `--trained MANIFEST,ENCODER,ELDM[,SECOND] [--crops 512]` (a manifest or a folder of images, and run directories) also
 * how far shorter samplers end from DDIM's 50 steps on that E-LDM.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    preset: { type: 'string', default: 'tiny' },
    batch: { type: 'string', default: '8' },
    steps: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '3' },
    trained: { type: 'string' },
    crops: { type: 'string', default: '512' },
  },
});
const threads = Math.min(2, availableParallelism());
const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const python = await trainerPython('run');
  if (!python) throw new Error('the trainer’s environment is not set up: npm run setup');
  const options = {
    preset: values.preset,
    batch: Number(values.batch),
    steps: Number(values.steps),
    rounds: Number(values.rounds),
    embedding_dim: values.preset === 'panda' ? 384 : 192,
    guidance_scale: 1.75,
  };
  const out = path.join(folder, 'report.json');
  const env = {
    ...process.env,
    PYTHONPATH: path.join(import.meta.dirname, '../../services/trainer'),
    PYTHONDONTWRITEBYTECODE: '1',
    OMP_NUM_THREADS: String(threads),
  };
  const program = path.join(import.meta.dirname, 'sample.py');
  await promisify(execFile)(python, [program, JSON.stringify(options), out], { env, maxBuffer: 64 << 20 });
  const { rates, apart, apartBf16 } = JSON.parse(await readFile(out, 'utf8'));
  const distances = values.trained ? await distancesOf(values.trained.split(','), python, env) : undefined;
  const report = {
    name: 'sample',
    figure: round(rates.ours),
    unit: 'crops/s',
    limit: round(rates.peer),
    ratioToLimit: round(rates.ours / rates.peer),
    peers: { 'diffusers’ pipeline loop': { cropsPerS: round(rates.peer), ratio: round(rates.ours / rates.peer) } },
    detail: {
      ...options,
      threads,
      apart,
      bf16: { cropsPerS: round(rates.bf16), ratio: round(rates.bf16 / rates.peer), apart: apartBf16 },
      samplers: distances,
      limitIs: 'the peer: DDIMScheduler.step, UNet2DConditionModel as it is, fp32',
      figureIs: 'the same weights, what guidance’s halves share computed once, fp32; the best of the rounds',
    },
  };
  if (!values.json) console.log(`${report.figure} crops/s, ${report.ratioToLimit} of diffusers’ loop`);
  console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function distancesOf(given: string[], python: string, env: NodeJS.ProcessEnv): Promise<unknown> {
  const [manifest = '', encoder = '', eldm = '', second] = given.map((file) => path.resolve(file));
  const answer = path.join(folder, 'distances.json');
  const program = path.join(import.meta.dirname, 'sample_distance.py');
  const more = second ? [second] : [];
  await promisify(execFile)(python, [program, manifest, encoder, eldm, values.crops, answer, ...more], { env });
  return JSON.parse(await readFile(answer, 'utf8'));
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
