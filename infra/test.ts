/** Runs every check and test: `npm test -- [--only unit,integration]`. The last line is `N passed, N failed`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { StromaError } from '@stroma/core/errors';
import { startChild } from './process/child.ts';
import { stopSignal } from './process/stop-signal.ts';
import { repository } from './repository.ts';
import { openSlideLibrary } from './setup/openslide-library.ts';
import { trainerPython } from './setup/trainer-environment.ts';
import { main } from './step.ts';
import type { Counts } from './test/reports.ts';
import { type Runner, runners } from './test/runners.ts';

async function carryOut(runner: Runner, environment: NodeJS.ProcessEnv, stopped: Promise<unknown>): Promise<Counts> {
  const startedAt = performance.now();
  const lines: string[] = [];
  const child = await startChild({
    command: runner.command,
    args: runner.args,
    cwd: runner.cwd ?? repository,
    env: { ...environment, ...runner.env },
    onLine: (line) => lines.push(line),
  });
  let hung = false;
  const timer = setTimeout(() => {
    hung = true;
    void child.stop(5_000);
  }, runner.minutes * 60_000);
  void stopped.then(() => child.stop(5_000));
  const how = await child.exited;
  clearTimeout(timer);

  const good = how === 'exit code 0';
  const one = { passed: good ? 1 : 0, failed: good ? 0 : 1 };
  const counts = runner.counts ? await runner.counts().catch(() => one) : one;
  // A runner that fails without a failed test, e.g. by hanging, is a failure all the same.
  if (!good && counts.failed === 0) counts.failed = 1;
  if (counts.failed) console.log(lines.slice(-200).join('\n'));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1).padStart(6);
  const note = hung ? ` (stopped after ${runner.minutes} min)` : good ? '' : ` (${how})`;
  console.log(`${seconds} s  ${runner.name}: ${counts.passed} passed, ${counts.failed} failed${note}`);
  return counts;
}

main(async () => {
  const { values } = parseArgs({ options: { only: { type: 'string' } } });
  const python = await trainerPython('test');
  if (!python)
    throw new StromaError({ code: 'test.python', message: 'The test tools are missing.', remedy: 'npm test' });
  const reports = await mkdtemp(path.join(tmpdir(), 'stroma-reports-'));
  let isStopped = false;
  const stopped = stopSignal().then(() => {
    isStopped = true;
  });
  // Tests bring their own database; STROMA_PYTHON is also what the platform under test trains with.
  const environment = {
    ...process.env,
    DATABASE_URL: undefined,
    STROMA_PYTHON: python,
    STROMA_OPENSLIDE: await openSlideLibrary('test'),
    NO_COLOR: '1',
    CI: '1',
  };
  const total = { passed: 0, failed: 0 };
  try {
    const all = runners(python, reports);
    const only = values.only?.split(',');
    const unknown = only?.filter((name) => !all.some((runner) => runner.name === name)) ?? [];
    if (unknown.length) {
      const expected = all.map((runner) => runner.name).join(', ');
      throw new StromaError({ code: 'test.only', message: `There is no “${unknown[0]}” to run.`, expected });
    }
    for (const runner of all) {
      if (isStopped || (only && !only.includes(runner.name))) continue;
      const counts = await carryOut(runner, environment, stopped);
      total.passed += counts.passed;
      total.failed += counts.failed;
    }
  } finally {
    await rm(reports, { recursive: true, force: true });
  }
  if (isStopped) total.failed += 1;
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed ? 1 : 0;
});
