import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { type TrainerUse, trainerPython } from './trainer-environment.ts';

/** Debian's libopenslide0: OpenSlide 3.4.1, without DICOM. */
const ofDebian = ['x86_64-linux-gnu', 'aarch64-linux-gnu'].map((machine) => `/usr/lib/${machine}/libopenslide.so.0`);

/**
 * The file of OpenSlide's shared library, for STROMA_OPENSLIDE: one given by hand, else that of the trainer's Python
 * package openslide-bin, else Debian's; undefined when there is none.
 */
export async function openSlideLibrary(use: TrainerUse): Promise<string | undefined> {
  if (process.env.STROMA_OPENSLIDE) return process.env.STROMA_OPENSLIDE;
  for (const file of [await ofTrainer(use), ...ofDebian]) {
    if (file && (await stat(file).catch(() => undefined))) return file;
  }
  return undefined;
}

/** For programs that start no platform: this process and its children find the library; false when there is none. */
export async function provideOpenSlide(use: TrainerUse): Promise<boolean> {
  const file = await openSlideLibrary(use);
  if (file) process.env.STROMA_OPENSLIDE = file;
  return file !== undefined;
}

const whereIsIt =
  'import importlib.util as u; s = u.find_spec("openslide_bin"); print(s.submodule_search_locations[0] if s else "")';

async function ofTrainer(use: TrainerUse): Promise<string | undefined> {
  const python = await trainerPython(use).catch(() => undefined);
  if (!python) return undefined;
  const folder = await runCommand(python, ['-c', whereIsIt], {
    purpose: 'Asking the trainer’s Python for OpenSlide',
    remedy: 'npm run setup',
  }).catch(() => '');
  if (!path.isAbsolute(folder.trim())) return undefined;
  const file = (await readdir(folder.trim())).find((name) => name.startsWith('libopenslide.'));
  return file && path.join(folder.trim(), file);
}
