/**
 * Crops a second through the real path of the embed stage: JPEGs go to the engine process, are decoded there, go
 * through encoder.onnx in batches of 32, and come back as half precision.
 *
 *   npm run bench:embed -- [--json] [--model DIR] [--preset panda|tiny|smoke] [--seconds 20]
 *
 * DIR holds encoder.onnx and encoder.safetensors. Without it an untrained encoder of the preset is exported. The limit
 * is what the encoder's matrix products alone would take at the sgemm rate measured in the same run.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { batchCrops } from '@stroma/inference/embedding/embed-slide';
import { toFloat16 } from '@stroma/inference/embedding/float16';
import { Engine } from '@stroma/inference/engine/engine';
import { encodeJpeg } from '@stroma/wsi/jpeg';
import { texture } from '../integration/inference-cohort.ts';
import { type Architecture, encoderFlop, readArchitecture } from './embed-encoder.ts';
import { exportEncoder } from './embed-export.ts';
import { sgemmRate } from './embed-sgemm.ts';
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

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const model = values.model ?? (await exportEncoder(values.preset, folder));
  const architecture = await readArchitecture(path.join(model, 'encoder.safetensors'));
  // Before and after, the better one: what else the machine does must not lower the limit.
  const sgemmBefore = await sgemmRate(folder, architecture, batchCrops);
  const measured = await cropsPerSecond(path.join(model, 'encoder.onnx'), architecture, Number(values.seconds));
  const flop = encoderFlop(architecture);
  const sgemm = Math.max(sgemmBefore, await sgemmRate(folder, architecture, batchCrops));
  const limit = sgemm / flop;
  const report = {
    name: 'embed',
    figure: round(measured.rate),
    unit: 'crops/s',
    limit: round(limit),
    ratioToLimit: round(measured.rate / limit),
    peers: {},
    peakRssMb: Math.round(measured.peakRssMb),
    detail: {
      encoder: architecture,
      model: values.model ? 'given' : `untrained, preset ${values.preset}`,
      crops: measured.crops,
      seconds: round(measured.seconds),
      batch: batchCrops,
      cores: availableParallelism(),
      gflopACrop: round(flop / 1e9),
      sgemmGflopS: round(sgemm / 1e9),
      limitIs: 'sgemm rate of onnxruntime on the encoder’s own MLP product, over the FLOP of its matrix products',
      figureIs: 'JPEG to half-precision embedding through the engine process: messages, decoding, encoder.onnx',
    },
  };
  if (!values.json) console.log(`${report.figure} of at most ${report.limit} crops/s (${report.ratioToLimit})`);
  console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function cropsPerSecond(file: string, { crop_px }: Architecture, seconds: number) {
  const crops = await Promise.all(
    Array.from({ length: batchCrops }, (_, i) => encodeJpeg(texture(i, 8 + i), crop_px, crop_px)),
  );
  const engine = new Engine({ log: () => undefined });
  const request = { model: { path: file, sha256: file }, cropPx: crop_px, encoding: 'jpeg' as const, crops };
  const batch = async () => {
    toFloat16((await engine.call('embed', request, { lane: 'batch' })).embeddings);
  };
  await batch();
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
  const took = elapsed();
  const peakRssMb = process.resourceUsage().maxRSS / 1024 + (await peakMbOf(engine.pid));
  engine.close();
  return { rate: done / took, crops: done, seconds: took, peakRssMb };
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
