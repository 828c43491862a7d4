/**
 * Crops a second through the real path of the embed stage: JPEGs go to the engine process, are decoded there, go
 * through encoder.onnx in batches of 32, and come back as half precision.
 *
 *   npm run bench:embed -- [--json] [--model DIR] [--preset panda|tiny|smoke] [--seconds 20]
 *
 * DIR holds encoder.onnx and encoder.safetensors. Without it an untrained encoder of the preset is exported. The limit
 * is the encoder's matrix products alone, the peer Python's onnxruntime on the same file; they take turns with it and
 * with the encoder of 8-bit products.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { cosineSimilarity } from '@stroma/core/diffusion/slerp';
import { batchCrops } from '@stroma/inference/embedding/embed-slide';
import { toFloat16 } from '@stroma/inference/embedding/float16';
import { Engine } from '@stroma/inference/engine/engine';
import { trainerPython } from '@stroma/infra/setup/trainer-environment';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { texture } from '../integration/inference-cohort.ts';
import { encoderFlop, readArchitecture } from './embed-encoder.ts';
import { exportEncoder, quantizeEncoder } from './embed-export.ts';
import { productChain } from './embed-limit.ts';
import { pythonPeer } from './embed-peer.ts';
import { peakMbOf } from './peak-memory.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    model: { type: 'string' },
    preset: { type: 'string', default: 'panda' },
    seconds: { type: 'string', default: '20' },
  },
});
/** As the embed stage: one batch computes, one is decoded, one is on its way. */
const batchesAtOnce = 3;
const rounds = 5;
const threads = availableParallelism();

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const python = await trainerPython('run');
  if (!python) throw new Error('the trainer’s environment is not set up: npm run setup');
  const model = values.model ?? (await exportEncoder(values.preset, folder));
  const file = path.join(model, 'encoder.onnx');
  const architecture = await readArchitecture(path.join(model, 'encoder.safetensors'));
  const engine = await engineRate(file, architecture.crop_px);
  const eight = await engineRate(await quantizeEncoder(file, folder, python), architecture.crop_px);
  const chain = await productChain(folder, { architecture, batch: batchCrops, threads, python });
  const peer = await pythonPeer(python, file, batchCrops, architecture.crop_px, threads);
  const rates: { engine: number; eight: number; chain: number; peer: number }[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const seconds = Number(values.seconds) / rounds;
    rates.push({
      chain: await chain(seconds),
      engine: await engine.rate(seconds),
      peer: await peer.rate(seconds),
      eight: await eight.rate(seconds),
    });
  }
  // What else the machine does can only slow a round down.
  const best = (name: keyof (typeof rates)[number]) => Math.max(...rates.map((of) => of[name]));
  const [figure, limit] = [best('engine'), best('chain')];
  const report = {
    name: 'embed',
    figure: round(figure),
    unit: 'crops/s',
    limit: round(limit),
    ratioToLimit: round(figure / limit),
    peers: { 'Python’s onnxruntime': { cropsPerS: round(best('peer')), ratio: round(figure / best('peer')) } },
    int8: {
      cropsPerS: round(best('eight')),
      ratioToFp32: round(best('eight') / figure),
      leastCosine: Number(leastCosine(engine.embeddings, eight.embeddings, architecture.dim).toFixed(6)),
    },
    peakRssMb: Math.round(await engine.end()),
    detail: {
      encoder: architecture,
      model: values.model ? 'given' : `untrained, preset ${values.preset}`,
      rounds: rates,
      batch: batchCrops,
      threads,
      gflopACrop: round(encoderFlop(architecture) / 1e9),
      gflopSAtLimit: round((limit * encoderFlop(architecture)) / 1e9),
      limitIs: 'the encoder’s matrix products in one graph and nothing between, in onnxruntime-node; best round',
      figureIs:
        'JPEG to half-precision embedding through the engine process: messages, decoding, encoder.onnx; best round',
      peerIs: `session.run on crops that are decoded already, onnxruntime ${peer.version}; best round`,
    },
  };
  await eight.end();
  peer.end();
  if (!values.json) console.log(`${report.figure} of at most ${report.limit} crops/s (${report.ratioToLimit})`);
  console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The engine process with some JPEGs: its rate in crops/s over some seconds, and its end, which tells its peak memory in MB. */
async function engineRate(file: string, cropPx: number) {
  const crops = await Promise.all(
    Array.from({ length: batchCrops }, (_, i) => encodeJpeg(texture(i, 8 + i), cropPx, cropPx)),
  );
  const engine = new Engine({ log: () => undefined });
  const request = { model: { path: file, sha256: file }, cropPx, encoding: 'jpeg' as const, crops };
  const batch = async () => {
    const { embeddings } = await engine.call('embed', request, { lane: 'batch' });
    toFloat16(embeddings);
    return embeddings;
  };
  return {
    embeddings: await batch(),
    async rate(seconds: number): Promise<number> {
      const startedAt = performance.now();
      const elapsed = () => (performance.now() - startedAt) / 1000;
      let done = 0;
      const lane = async () => {
        while (elapsed() < seconds) {
          await batch();
          done += batchCrops;
        }
      };
      await Promise.all(Array.from({ length: batchesAtOnce }, lane));
      return done / elapsed();
    },
    async end(): Promise<number> {
      const peakMb = await peakMbOf(engine.pid);
      engine.close();
      return peakMb;
    },
  };
}

/** Of rows of `dim` numbers. */
function leastCosine(a: Float32Array, b: Float32Array, dim: number): number {
  const rows = Array.from({ length: a.length / dim }, (_, row) => [row * dim, (row + 1) * dim] as const);
  return Math.min(...rows.map(([from, to]) => cosineSimilarity(a.subarray(from, to), b.subarray(from, to))));
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
