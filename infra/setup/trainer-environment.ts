import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { runCommand } from '../process/run-command.ts';
import { inRepository } from '../repository.ts';

export type TrainerUse = 'run' | 'test';

/** Lock files by use. The tests' environment is one of its own, so that tools never change what training runs on. */
const locks: Record<TrainerUse, string[]> = {
  run: ['services/trainer/requirements.lock'],
  test: ['requirements.lock', 'requirements-ray.lock', 'requirements-test.lock'].map(
    (lock) => `services/trainer/${lock}`,
  ),
};
/** Public implementations that tests and benchmarks compare with. What they ask for beside is not needed for that. */
const peers: Record<TrainerUse, string[]> = { run: [], test: ['services/trainer/requirements-peers.lock'] };

function cacheFolder(): string {
  return process.env.STROMA_CACHE || path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'stroma');
}

async function environmentFolder(use: TrainerUse): Promise<string> {
  const version = await runCommand('python3.11', ['-c', 'import sys; print(sys.version, sys.prefix)'], {
    purpose: 'Asking Python for its version',
    remedy: 'Install Python 3.11, e.g. apt-get install python3.11 python3.11-venv',
  });
  const hash = createHash('sha256').update(version);
  for (const lock of [...locks[use], ...peers[use]]) hash.update(await readFile(inRepository(lock)));
  return path.join(cacheFolder(), `trainer-${use}-${hash.digest('hex').slice(0, 16)}`);
}

/** An interpreter set up by hand, which is used as it is. */
function ownPython(use: TrainerUse): string | undefined {
  return (use === 'run' ? process.env.STROMA_PYTHON : process.env.STROMA_TEST_PYTHON) || undefined;
}

/** The interpreter that training (or its tests) runs in; undefined when it has not been set up. */
export async function trainerPython(use: TrainerUse): Promise<string | undefined> {
  const own = ownPython(use);
  if (own) return own;
  const python = path.join(await environmentFolder(use), 'bin', 'python');
  return (await stat(python).catch(() => undefined)) ? python : undefined;
}

/**
 * Installs the locked packages into an environment named by their hash. It is built under a temporary name and
 * renamed, so a kill leaves nothing half, and of two builders at once the second drops its copy. A renamed
 * environment's scripts point to nowhere: everything is started as `python -m`.
 */
export async function setUpTrainer(use: TrainerUse): Promise<string> {
  const present = await trainerPython(use);
  if (present) return ownPython(use) ? `given, ${present}` : 'present';
  const folder = await environmentFolder(use);
  const building = `${folder}.${process.pid}.building`;
  await mkdir(path.dirname(folder), { recursive: true });
  try {
    await runCommand('python3.11', ['-m', 'venv', building], {
      purpose: 'Making a Python environment',
      remedy: 'Install the venv module, e.g. apt-get install python3.11-venv',
    });
    const install = async (files: string[], ...options: string[]) => {
      const named = files.flatMap((lock) => ['-r', inRepository(lock)]);
      const pip = ['-m', 'pip', 'install', '--no-input', ...options, ...named];
      await runCommand(path.join(building, 'bin', 'python'), pip, {
        purpose: 'Installing the trainer’s Python packages',
        remedy: 'Check that PyPI is reached (pip download torch==2.13.0) and that 3 GB of disk are free.',
      });
    };
    await install(locks[use]);
    if (peers[use].length > 0) await install(peers[use], '--no-deps');
    await rename(building, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(building, { recursive: true, force: true });
  }
  return `installed in ${folder}`;
}
