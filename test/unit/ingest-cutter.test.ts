import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cropRecipe } from '@stroma/core/contract/crop-recipe';
import { Cutter } from '@stroma/ingest/cutter/cutter';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { temporaryFolder } from './wsi-tiff.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let folder: string;
const limits = { silenceMs: 3_000, memoryBytes: 400e6 };
const set = { id: 1, slideId: 's', name: 'a slide.svs', spacing0: { x: 0.5, y: 0.5 }, recipe: cropRecipe(0.5) };

beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

/** A cutter whose process does this when it is asked anything. */
async function cutterThat(what: string): Promise<Cutter> {
  const program = path.join(folder, `${what.length}-${Date.now()}.ts`);
  await writeFile(program, `process.on('message', () => { ${what} });`);
  return new Cutter(limits, program);
}

it.each([
  ['crashes', 'process.abort()', 'slide.read_crash', 'SIGABRT'],
  ['ends', 'process.exit(3)', 'slide.read_crash', 'exit code 3'],
  ['hangs', 'for (;;);', 'slide.read_time', 'none'],
  [
    'takes all memory',
    'const held = []; setInterval(() => held.push(Buffer.alloc(5e7, 1)), 1)',
    'slide.read_memory',
    'more',
  ],
])('a process that %s is that slide’s error', async (_, what, code, found) => {
  const cutter = await cutterThat(what);
  const problem = { code, found, where: 'a slide.svs' };
  await expect(cutter.plan('x', set)).rejects.toMatchObject({ problem });
  await vi.waitFor(() => expect(cutter.ended).toBe(true));
  await expect(cutter.plan('x', set)).rejects.toMatchObject({ problem: { code: 'slide.read_crash' } });
});

it('does not outlive the worker, even while native code keeps it busy', async () => {
  const busy = path.join(folder, 'busy.ts');
  const die = import.meta.resolve('@stroma/wsi/isolated/die-with-parent');
  await writeFile(
    busy,
    `import { dieWithParent } from '${die}'; dieWithParent(); process.send(process.pid); for (;;);`,
  );
  const parent = path.join(folder, 'parent.ts');
  const fork = `fork('${busy}', [], { stdio: ['pipe', 'ignore', 'inherit', 'pipe', 'ipc'] })`;
  const body = `${fork}.on('message', (pid) => console.log(pid)); setInterval(() => {}, 1000);`;
  await writeFile(parent, `import { fork } from 'node:child_process'; ${body}`);
  const worker = spawn(process.execPath, ['--import', 'tsx', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(worker.stdout, 'data');
  const pid = Number(String(said));
  expect(isAlive(pid)).toBe(true);
  worker.kill('SIGKILL');
  for (const until = Date.now() + 10_000; isAlive(pid) && Date.now() < until; ) await sleep(50);
  expect(isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
