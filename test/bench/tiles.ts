/**
 * Tiles a second from the platform's own api process, signed in, beside a bare Node HTTP server with the same bytes:
 * `npm run bench:tiles -- [--json] [--slide FILE] [--seconds N] [--profile DIR]`. With --profile the
 * api leaves a CPU profile there. The last line is one JSON object.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { sharp } from '@stroma/wsi/bounded-sharp';
import type { Load, Loaded } from './tiles-load.ts';
import { startTilePlatform, type TilePlatform } from './tiles-platform.ts';
import { type Server, startBareServer, underLoad } from './tiles-processes.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    slide: { type: 'string' },
    seconds: { type: 'string', default: '6' },
    profile: { type: 'string' },
  },
});
interface Measured extends Loaded {
  /** Of the server, a request. */
  cpuMs: number;
}
const connections = 16;
const rounds = 5;
const say = (line: string) => !values.json && process.stderr.write(`${line}\n`);
const folder = await mkdtemp(path.join(tmpdir(), 'stroma-bench-'));
let platform: TilePlatform | undefined;
try {
  const stored = values.slide ? path.resolve(values.slide) : await storedSlide();
  const unencoded = await lzwSlide(stored);
  platform = await startTilePlatform(folder, [stored, unencoded], values.profile);
  const { api, cookie } = platform;
  const addresses = platform.tiles.get(stored) ?? [];
  const encoded = await encodedTimes(platform, platform.tiles.get(unencoded) ?? []);
  say(`encoded tiles: p50 ${encoded.one.p50Ms} ms, at ${connections} connections ${encoded.many.p50Ms} ms`);
  const bare = await startBareServer(await bodies(api.origin, cookie, addresses));
  const load = { addresses, cookie, connections, seconds: Number(values.seconds) };
  const ours: Measured[] = [];
  const limits: Measured[] = [];
  // In turn, so that what else the machine does meets both; the first round warms the code up.
  for (let round = 0; round <= rounds; round += 1) {
    const limit = await loaded(bare, load);
    const measured = await loaded(api, load);
    if (measured.failed + limit.failed > 0) throw new Error('some requests failed');
    say(
      `${Math.round(measured.requestsPerS)} of ${Math.round(limit.requestsPerS)} requests/s, p99 ${measured.p99Ms} ms, CPU ${rounded(measured.cpuMs)} of ${rounded(limit.cpuMs)}`,
    );
    if (round > 0) ours.push(measured);
    if (round > 0) limits.push(limit);
  }
  const figure = median(ours.map((each) => each.requestsPerS));
  const limit = median(limits.map((each) => each.requestsPerS));
  const report = {
    name: 'tiles',
    figure: rounded(figure),
    unit: 'tiles/s',
    limit: rounded(limit),
    ratioToLimit: rounded(median(ours.map((each, i) => each.requestsPerS / (limits[i]?.requestsPerS ?? 0)))),
    peers: {},
    peakRssMb: rounded(await api.peakRssMb()),
    detail: {
      slide: path.basename(stored),
      tiles: addresses.length,
      connections,
      rounds,
      secondsARound: Number(values.seconds),
      cores: availableParallelism(),
      p50Ms: rounded(median(ours.map((each) => each.p50Ms))),
      p99Ms: rounded(median(ours.map((each) => each.p99Ms))),
      p99MsOfLimit: rounded(median(limits.map((each) => each.p99Ms))),
      cpuMsARequest: rounded(median(ours.map((each) => each.cpuMs))),
      cpuMsARequestOfLimit: rounded(median(limits.map((each) => each.cpuMs))),
      slowestMs: rounded(Math.max(...ours.map((each) => each.maxMs))),
      encoded: {
        compression: 'LZW, 256 × 256 px, each tile asked for once',
        tiles: encoded.one.requests + encoded.many.requests,
        p50Ms: rounded(encoded.one.p50Ms),
        p99Ms: rounded(encoded.one.p99Ms),
        cpuMsATile: rounded(encoded.one.cpuMs),
        p50MsAtAllConnections: rounded(encoded.many.p50Ms),
        tilesPerSAtAllConnections: rounded(encoded.many.requestsPerS),
      },
      mbPerS: rounded(median(ours.map((each) => each.bytesPerS)) / 1e6),
      figureIs: 'stored JPEG tiles from the api process, signed in by a session, the load in a process of its own',
      limitIs: 'a bare Node HTTP server with the same bytes in memory, under the same load in the same rounds',
    },
  };
  await bare.stop();
  console.log(JSON.stringify(report));
} finally {
  await platform?.stop();
  await rm(folder, { recursive: true, force: true });
}

async function loaded(server: Server, load: Omit<Load, 'origin'>): Promise<Measured> {
  const before = await server.cpuSeconds();
  const result = await underLoad({ ...load, origin: server.origin });
  return { ...result, cpuMs: (1000 * ((await server.cpuSeconds()) - before)) / result.requests };
}

/** The real slide where it lies beside the repository, else a drawn one. */
async function storedSlide(): Promise<string> {
  const real = path.join(import.meta.dirname, '../../../shared/data/slides/CMU-1-Small-Region.svs');
  if (await stat(real).catch(() => undefined)) return real;
  const file = path.join(folder, 'drawn.tif');
  const program = path.join(import.meta.dirname, 'ingest-slide.ts');
  await promisify(execFile)(process.execPath, ['--import', 'tsx', program, file]);
  return file;
}

/** The same picture in a form whose tiles have to be decoded and encoded, repeated to some hundred tiles. */
async function lzwSlide(picture: string): Promise<string> {
  const file = path.join(folder, 'lzw.tif');
  const { width, height } = await sharp(picture, { limitInputPixels: false }).metadata();
  const sides = { right: Math.max(0, 8192 - width), bottom: Math.max(0, 6144 - height) };
  await sharp(picture, { limitInputPixels: false })
    .extend({ ...sides, extendWith: 'repeat' })
    .tiff({
      compression: 'lzw',
      predictor: 'horizontal',
      tile: true,
      tileWidth: 256,
      tileHeight: 256,
      xres: 2000,
      yres: 2000,
    })
    .toFile(file);
  return file;
}

/** Half of the tiles one after the other, as the time of one; the other half at all connections. */
async function encodedTimes({ api, cookie }: TilePlatform, addresses: readonly string[]) {
  const [warmUp, half] = [addresses.slice(0, 16), addresses.length >> 1];
  const once = (some: readonly string[], at: number) => loaded(api, { cookie, addresses: [...some], connections: at });
  await once(warmUp, 1);
  const one = await once(addresses.slice(warmUp.length, half), 1);
  const many = await once(addresses.slice(half), connections);
  if (one.failed + many.failed > 0) throw new Error('some tiles failed');
  return { one, many };
}

/** The api's own answers, for the bare server. */
async function bodies(origin: string, cookie: string, addresses: readonly string[]): Promise<string> {
  const list = [];
  for (const [i, address] of addresses.entries()) {
    const answer = await fetch(origin + address, { headers: { cookie } });
    if (answer.status !== 200) throw new Error(`${address}: ${answer.status} ${await answer.text()}`);
    const file = path.join(folder, `tile-${i}.jpg`);
    await writeFile(file, Buffer.from(await answer.arrayBuffer()));
    list.push({ address, file });
  }
  const file = path.join(folder, 'bodies.json');
  await writeFile(file, JSON.stringify(list));
  return file;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
