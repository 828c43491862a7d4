/**
 * A bag's way from its embedding file to the grade and the attention of every crop, through the engine process:
 *
 *   npm run bench:mil -- [--json] [--rows 100000] [--peers CLAM]
 *
 * CLAM is a checkout of github.com/mahmoodlab/CLAM, whose CLAM_SB is run by torch on the same bag, in memory already.
 * The limit is torch's own forward pass of the same network on the same bag, in memory too. A bag of 10^6 crops follows.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { softmax } from '@stroma/core/mil/attention';
import { Engine } from '@stroma/inference/engine/engine';
import { meanProbabilities } from '@stroma/inference/prediction/mean-of-folds';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';
import { writeBag } from './mil-bag.ts';
import { peakMbOf } from './peak-memory.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '100000' },
    peers: { type: 'string' },
  },
});
const rows = Number(values.rows);
const dim = 384;
const rounds = 5;
const largeRows = 1_000_000;
const run = promisify(execFile);

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const file = path.join(folder, 'bag.arrow');
  await writeBag(file, rows, dim);
  const torch = await torchAnswer(file);
  const abmil = await measure('abmil', file, rounds);
  const gated = await measure('gated', file, rounds);
  const large = await largeBag();
  const bytes = await readFile(path.join(folder, 'attention.f32'));
  const expectedLogits = new Float32Array(bytes.buffer, bytes.byteOffset, rows);
  const { logits, attentionLogits } = abmil.answer;
  const [attention, expected] = [softmax(attentionLogits), softmax(expectedLogits)];
  const report = {
    name: 'mil',
    figure: round(rows / abmil.seconds),
    unit: 'crops/s',
    limit: round(rows / torch.torch_seconds.abmil),
    ratioToLimit: round(torch.torch_seconds.abmil / abmil.seconds),
    peersAbsent: torch.clam_seconds ? [] : ['CLAM_SB: name a checkout of CLAM with --peers'],
    peers: torch.clam_seconds ? { 'CLAM_SB forward': round(rows / torch.clam_seconds) } : {},
    ratioToPeers: torch.clam_seconds ? { 'CLAM_SB forward': round(torch.clam_seconds / abmil.seconds) } : {},
    peakRssMb: Math.round(abmil.enginePeakMb),
    detail: {
      rows,
      dim,
      cores: availableParallelism(),
      seconds: round(abmil.seconds),
      firstSeconds: round(abmil.firstSeconds),
      /** Gated, with CLAM_SB's own widths: like with like. */
      gatedSeconds: round(gated.seconds),
      gatedRatioToClam: torch.clam_seconds ? round(torch.clam_seconds / gated.seconds) : undefined,
      torchForwardSeconds: torch.torch_seconds,
      attentionDifference: largestDifference(attention, (i) => expected[i] ?? 0),
      attentionRelativeDifference: largestShare(attention, expected),
      attentionLogitDifference: largestDifference(attentionLogits, (i) => expectedLogits[i] ?? 0),
      probabilityDifference: largestDifference(meanProbabilities([logits]), (i) => torch.probabilities[i] ?? 0),
      large,
      limitIs: 'torch’s forward pass of the same network on the bag in memory, without reading a file',
      figureIs: 'embedding file to probabilities and attention logits, through the engine process; best of five',
    },
  };
  if (!values.json) console.log(`${round(abmil.seconds)} s for ${rows} crops, ${report.peakRssMb} MB`);
  console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

interface TorchAnswer {
  probabilities: number[];
  torch_seconds: { abmil: number; gated: number };
  clam_seconds?: number;
}

async function torchAnswer(file: string): Promise<TorchAnswer> {
  const python = await trainerPython('run');
  if (!python) throw new Error('the trainer’s environment is not set up: npm run setup');
  const trainer = path.join(import.meta.dirname, '../../services/trainer');
  const program = path.join(import.meta.dirname, 'mil_model.py');
  const given = [folder, file, String(rows), path.join(folder, 'attention.f32')];
  const peers = values.peers ? [path.resolve(values.peers)] : [];
  const env = { ...process.env, PYTHONPATH: trainer, PYTHONDONTWRITEBYTECODE: '1' };
  const { stdout } = await run(python, [program, ...given, ...peers], { env });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
}

async function measure(name: string, embeddings: string, times: number) {
  const engine = new Engine({ log: () => undefined });
  const models = [{ path: path.join(folder, `${name}.onnx`), sha256: name }];
  const seconds: number[] = [];
  let answer: { logits: Float32Array; attentionLogits: Float32Array } | undefined;
  for (let i = 0; i <= times; i += 1) {
    const startedAt = performance.now();
    [answer] = await engine.call('attend', { models, embeddings }, { lane: 'batch' });
    seconds.push((performance.now() - startedAt) / 1000);
  }
  const enginePeakMb = await peakMbOf(engine.pid);
  engine.close();
  if (!answer) throw new Error('no answer');
  const [firstSeconds = 0, ...others] = seconds;
  return { answer, firstSeconds, seconds: Math.min(firstSeconds, ...others), enginePeakMb };
}

async function largeBag() {
  const file = path.join(folder, 'large.arrow');
  await writeBag(file, largeRows, dim);
  const { seconds, enginePeakMb } = await measure('abmil', file, 0);
  return { rows: largeRows, seconds: round(seconds), peakRssMb: Math.round(enginePeakMb) };
}

function largestDifference(found: ArrayLike<number>, expected: (ix: number) => number): number {
  let most = 0;
  for (let i = 0; i < found.length; i += 1) most = Math.max(most, Math.abs((found[i] ?? Number.NaN) - expected(i)));
  return most;
}

/** Of a crop's own attention. */
function largestShare(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < found.length; i += 1) {
    const one = expected[i] ?? Number.NaN;
    most = Math.max(most, Math.abs((found[i] ?? Number.NaN) - one) / one);
  }
  return most;
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
