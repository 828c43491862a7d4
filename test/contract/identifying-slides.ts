import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { pythonWith } from '../integration/inference-python.ts';

/** What fixtures/identifying_slides.py planted in a slide. */
export interface Planted {
  /** Texts that must not be found in anything made of the slide. */
  planted: string[];
  /** Kinds that must be found. */
  kinds: string[];
}

export const slidesPython = pythonWith(['openslide', 'tifffile', 'imagecodecs', 'pydicom']);
if (!slidesPython) console.log('skipped: no Python with openslide-python, tifffile and pydicom (STROMA_PYTHON)');

export async function writeIdentifyingSlides(folder: string): Promise<Record<string, Planted>> {
  return await runPython('identifying_slides.py', [folder]);
}

/** What openslide-python, tifffile and pydicom see in the files. */
export async function readSlides<T>(mode: string, ...files: string[]): Promise<T> {
  return await runPython('read_slides.py', [mode, ...files]);
}

async function runPython<T>(program: string, args: string[]): Promise<T> {
  const file = path.join(import.meta.dirname, '../fixtures', program);
  const { stdout } = await promisify(execFile)(slidesPython ?? '', [file, ...args], { maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as T;
}

/** A slide's files: itself, or those of its folder. */
export async function filesOf(slide: string): Promise<string[]> {
  if (!(await stat(slide)).isDirectory()) return [slide];
  return (await readdir(slide)).sort().map((name) => path.join(slide, name));
}

/** The planted texts that these bytes hold, as UTF-8 or UTF-16. */
export function leaked(bytes: Buffer, { planted }: Planted): string[] {
  return [...planted, 'SECRET'].filter((text) => bytes.includes(text) || bytes.includes(Buffer.from(text, 'utf16le')));
}
