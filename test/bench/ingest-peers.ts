import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { sharp } from '@stroma/wsi/bounded-sharp';
import { openSlide } from '@stroma/wsi/open-slide';
import { benchCache } from './ingest-pyramids.ts';

export interface Peer {
  cropsPerS: number;
  /** What it was and what it did, as far as that is not the name. */
  note: string;
}

export interface PeerWork {
  file: string;
  mpp: number;
  /** Level-0 px of the crops that the slide is cut into. */
  crops: [number, number][];
  /** Empty; whatever a peer writes. */
  folder: string;
  say(line: string): void;
}

/** By its own notes 218 tiles/s. */
const hs2pWorkers = 4;
const run = promisify(execFile);
const cores = availableParallelism();
const most = { maxBuffer: 64 << 20 };

/** Every peer on the same tiles with JPEG quality 90, as many processes or threads as cores, one after the other. */
export async function measurePeers(work: PeerWork): Promise<Record<string, Peer>> {
  const python = await pythonWithPeers(work.say);
  const peers: Record<string, Peer> = {};
  for (const [name, measure] of Object.entries({
    'hs2p 6.1.0': () => hs2p(python, work),
    'openslide-python': () => openslidePython(python, work),
    'vips dzsave': () => dzsave(work),
  })) {
    work.say(`peer ${name}`);
    peers[name] = await measure();
  }
  return peers;
}

async function pythonWithPeers(say: (line: string) => void): Promise<string> {
  const venv = path.join(benchCache(), 'peers-hs2p-6.1.0');
  const python = path.join(venv, 'bin', 'python');
  const ready = path.join(venv, 'ready');
  if (existsSync(ready)) return python;
  say('installing hs2p 6.1.0 and openslide-python');
  await run('python3', ['-m', 'venv', '--clear', venv]);
  const packages = ['hs2p[openslide,turbojpeg]==6.1.0', 'pillow'];
  await run(python, ['-m', 'pip', 'install', '-q', '--disable-pip-version-check', ...packages], most);
  await writeFile(ready, '');
  return python;
}

async function hs2p(python: string, { file, mpp, folder }: PeerWork): Promise<Peer> {
  const out = path.join(folder, 'hs2p');
  const program = path.join(import.meta.dirname, 'ingest_hs2p.py');
  const { stdout } = await run(python, [program, file, String(mpp), String(hs2pWorkers), out], most);
  const { crops, seconds, encoder } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  const note = `${hs2pWorkers} slides in ${hs2pWorkers} workers, openslide, encoder ${encoder}, 4:2:0, ${crops} crops`;
  return { cropsPerS: crops / seconds, note };
}

async function openslidePython(python: string, { file, crops, folder }: PeerWork): Promise<Peer> {
  const out = path.join(folder, 'openslide');
  await mkdir(out, { recursive: true });
  const list = path.join(out, 'crops.json');
  await writeFile(list, JSON.stringify(crops));
  const program = path.join(import.meta.dirname, 'ingest_openslide.py');
  const { stdout } = await run(python, [program, file, list, String(cores), out], most);
  const answer = JSON.parse(stdout);
  return { cropsPerS: answer.crops / answer.seconds, note: `${cores} processes, Pillow, 4:4:4, ${answer.crops} crops` };
}

/** All tiles of the finest level, tissue or not: it knows of none. */
async function dzsave({ file, folder, say }: PeerWork): Promise<Peer> {
  const slide = await openSlide(file);
  const { width, height } = slide.level(0);
  await slide.close();
  const tiles = Math.ceil(width / 256) * Math.ceil(height / 256);
  const out = path.join(folder, 'dzsave');
  const vips = await haveVips(say);
  const startedAt = performance.now();
  if (vips) {
    const shape = [
      '--tile-size',
      '256',
      '--overlap',
      '0',
      '--depth',
      'one',
      '--suffix',
      '.jpg[Q=90,subsample-mode=off]',
    ];
    const env = { ...process.env, VIPS_CONCURRENCY: String(cores) };
    await run('vips', ['dzsave', file, out, ...shape], { ...most, env });
  } else {
    sharp.concurrency(cores);
    await sharp(file, { limitInputPixels: false })
      .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
      .tile({ size: 256, overlap: 0, depth: 'one' })
      .toFile(`${out}.dz`);
    sharp.concurrency(1);
  }
  const rate = (1000 * tiles) / (performance.now() - startedAt);
  return { cropsPerS: rate, note: `${vips ?? 'sharp.tile()'}, ${cores} threads, 4:4:4, ${tiles} tiles` };
}

/** Its version. Debian's libvips uses libjpeg-turbo as Stroma does; the one inside sharp has another encoder. */
async function haveVips(say: (line: string) => void): Promise<string | undefined> {
  const version = async () => (await run('vips', ['--version'])).stdout.trim();
  try {
    return await version();
  } catch {
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
    say('installing libvips-tools');
    const install = ['install', '-y', '--no-install-recommends', 'libvips-tools'];
    return await run('apt-get', install, most).then(version, () => undefined);
  }
}
