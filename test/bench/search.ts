/**
 * The nearest crops of a large cohort by an index, beside comparing every crop: `npm run bench:search -- [--json]
 * [--rows N] [--dim D]`. Embeddings are drawn in clusters, 50,000 a file, and searched through the service's own code;
 * both are asked with the same crops, in turn. The last line is one JSON object.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { embeddingFile } from '@stroma/inference/embedding/embedding-file';
import { fromFloat16, toFloat16 } from '@stroma/inference/embedding/float16';
import { layoutOf } from '@stroma/inference/embedding/row-layout';
import { singleRows } from '@stroma/inference/embedding/single-rows';
import { buildIndex, type IndexedFile } from '@stroma/inference/search/build-index';
import { CropIndex } from '@stroma/inference/search/crop-index';
import { indexKeys } from '@stroma/inference/search/index-record';
import { type EmbeddingFile, scanEmbeddings } from '@stroma/inference/search/scan-embeddings';
import { type SearchedFile, searchIndex } from '@stroma/inference/search/search-index';
import { LocalStore } from '@stroma/storage/local-store';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { peakMbOf } from './peak-memory.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rows: { type: 'string', default: '200000' },
    dim: { type: 'string', default: '384' },
  },
});
const [rows, dim] = [Number(values.rows), Number(values.dim)];
const [aFile, aBatch, clusters, queries, count] = [50_000, 8_192, 200, 20, 24];
const say = (line: string) => !values.json && process.stderr.write(`${line}\n`);
const random = seededRandom(11);
const centres = Float32Array.from({ length: clusters * dim }, () => random() - 0.5);

const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
try {
  const store = new LocalStore(folder);
  const files: (IndexedFile & SearchedFile & EmbeddingFile)[] = [];
  for (let first = 0; first < rows; first += aFile) {
    const here = Math.min(aFile, rows - first);
    const slide = { slideId: `${files.length}`, size0X: 512, size0Y: 512, mpp: 0.5, dim };
    const { key, sha256 } = await store.put(
      `embeddings/1/${files.length}.arrow`,
      embeddingFile(slide, drawn(files.length, here), origin()),
    );
    files.push({ path: store.localPath(key), sha256, rows: here, dim, indexed: files.length });
    say(`drew ${first + here} of ${rows} embeddings`);
  }
  say('building the index');
  const builder = { cpuSeconds: 0, peakMb: 0 };
  let watching: NodeJS.Timeout | undefined;
  const built = await ms(() =>
    buildIndex(store, 1, { files, dim }, (child) => {
      watching = setInterval(async () => {
        builder.cpuSeconds = Math.max(builder.cpuSeconds, await cpuSecondsOf(child.pid));
        builder.peakMb = Math.max(builder.peakMb, await peakMbOf(child.pid));
      }, 200);
    }),
  );
  clearInterval(watching);
  const opening = await ms(() => CropIndex.open(store, 1, files));
  const index = opening.value;

  const [exactMs, indexMs, exactCpuMs, indexCpuMs]: number[][] = [[], [], [], []];
  let found = 0;
  for (let i = 0; i < queries; i += 1) {
    const file = files[i % files.length];
    if (!file) break;
    const [asked] = await singleRows(file.path, { batches: await layoutOf(file.path), dim }, [
      Math.floor(random() * file.rows),
    ]);
    if (!asked) break;
    const scan = { vector: fromFloat16(asked.embedding), limit: count, except: new Set([asked.cropId]) };
    const byIndex = await ms(() => searchIndex(index, files, scan));
    const exact = await ms(() => scanEmbeddings(files, scan));
    const ids = new Set(byIndex.value?.map((one) => one.value.cropId));
    found += exact.value.filter((one) => ids.has(one.value.cropId)).length;
    exactMs?.push(exact.ms);
    indexMs?.push(byIndex.ms);
    exactCpuMs?.push(exact.cpuMs);
    indexCpuMs?.push(byIndex.cpuMs);
  }
  const bytes = (await store.size(indexKeys(1).index)) ?? 0;
  const report = {
    name: 'search',
    figure: median(indexMs),
    unit: 'ms a query',
    exact: median(exactMs),
    ratioToExact: round(median(exactMs) / median(indexMs)),
    detail: {
      rows,
      dim,
      cores: availableParallelism(),
      recallAt24: found / (queries * count),
      mostMs: round(Math.max(...(indexMs ?? []))),
      cpuMs: { index: median(indexCpuMs), exact: median(exactCpuMs) },
      buildSeconds: round(built.ms / 1000),
      buildCpuSeconds: round(builder.cpuSeconds),
      buildPeakMb: round(builder.peakMb),
      openMs: round(opening.ms),
      fileMb: round(bytes / 1e6),
      embeddingsMb: round((rows * dim * 2) / 1e6),
      figureIs: `the nearest ${count} by the index, their embeddings read and compared again; medians of ${queries}`,
    },
  };
  if (!values.json) console.log(`${report.figure} ms by the index, ${report.exact} ms each compared`);
  console.log(JSON.stringify(report));
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Of a process that still runs, where /proc tells it; else 0. The system counts in hundredths of a second. */
async function cpuSecondsOf(pid: number | undefined): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

async function* drawn(file: number, length: number) {
  for (let from = 0; from < length; from += aBatch) {
    const here = Math.min(aBatch, length - from);
    const numbers = new Float32Array(here * dim);
    for (let row = 0; row < here; row += 1) {
      const centre = Math.floor(random() * clusters) * dim;
      for (let i = 0; i < dim; i += 1) numbers[row * dim + i] = 2 * (centres[centre + i] ?? 0) + 2 * random() - 1;
    }
    yield {
      cropIds: Array.from({ length: here }, (_, row) => `${file}:${from + row}`),
      x0: new Int32Array(here),
      y0: new Int32Array(here),
      tissueFraction: new Float32Array(here).fill(1),
      embeddings: toFloat16(numbers),
    };
  }
}

function origin() {
  return { encoder_sha256: '', crop_set_recipe: '', crop_selection: '', slide_sha256: '', code_revision: '' };
}

async function ms<T>(work: () => Promise<T>): Promise<{ value: T; ms: number; cpuMs: number }> {
  const [startedAt, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms: performance.now() - startedAt, cpuMs: (user + system) / 1000 };
}

function median(list: number[] = []): number {
  return round([...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
