import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const script = path.join(import.meta.dirname, 'inference_recompute.py');

/** Runs inference_recompute.py on what the spec names; the answers are in the spec's order. */
export async function recompute<Answers>(python: string, spec: Record<string, unknown[]>): Promise<Answers> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-recompute-'));
  try {
    const file = path.join(folder, 'spec.json');
    await writeFile(file, JSON.stringify(spec));
    const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' };
    const { stdout } = await promisify(execFile)(python, [script, file], { maxBuffer: 64e6, env });
    return JSON.parse(stdout) as Answers;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
