import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readEnvironment } from '@stroma/launcher/environment';
import type { TrainerEnd } from '@stroma/launcher/executor';
import { Restarts } from '@stroma/launcher/restarts';
import { beforeEach, describe, expect, it } from 'vitest';

const ended = (end: Partial<TrainerEnd>): TrainerEnd => ({ code: null, signal: null, lastWords: '', ...end });
const killed = ended({ signal: 'SIGKILL' });
const lost = ended({
  code: 75,
  lastWords:
    'interrupted: a rank was lost: Connection reset by peer\nsome warning\ninterrupted: rank 1 was killed by SIGKILL\n',
});

describe('a run that was interrupted', () => {
  let folder: string;
  let restarts: Restarts;
  const newCheckpoint = async (second: number) => {
    const file = path.join(folder, 'checkpoint.pt');
    await writeFile(file, '');
    await utimes(file, second, second);
  };

  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stroma-restarts-'));
    restarts = new Restarts(folder);
    return () => rm(folder, { recursive: true });
  });

  it('goes on, and says why and from where', async () => {
    expect(await restarts.after(killed, 'log')).toBe(true);
    expect(restarts.note).toMatch(/^Interruption 1: .*SIGKILL.* from the beginning\.$/);
    await newCheckpoint(1);
    expect(await restarts.after(lost, 'log')).toBe(true);
    expect(restarts.note).toBe(
      'Interruption 2: rank 1 was killed by SIGKILL. The run goes on from its last checkpoint.',
    );
  });

  it('fails when it comes no further four times', async () => {
    for (let i = 0; i < 3; i += 1) expect(await restarts.after(lost, 'log')).toBe(true);
    await expect(restarts.after(lost, 'log')).rejects.toMatchObject({
      problem: { code: 'trainer.interrupted', found: 'rank 1 was killed by SIGKILL', where: 'log' },
    });
  });

  it('never fails as long as there is a new checkpoint between', async () => {
    for (let i = 1; i <= 20; i += 1) {
      await newCheckpoint(i);
      expect(await restarts.after(killed, 'log')).toBe(true);
    }
  });

  it('is not started again after an error of its own', async () => {
    expect(await restarts.after(ended({ code: 1 }), 'log')).toBe(false);
    expect(await restarts.after(ended({ signal: 'SIGSEGV' }), 'log')).toBe(false);
    expect(restarts.note).toBeUndefined();
  });
});

describe('STROMA_TRAINER', () => {
  const environment = { DATABASE_URL: 'postgres://x', STROMA_OBJECTS: 'file:///x', STROMA_PYTHON: 'python' };
  const read = (more: NodeJS.ProcessEnv) => readEnvironment({ ...environment, ...more });

  it('names the place where trainers run', () => {
    expect(read({})).toMatchObject({ place: { kind: 'machine', processes: 1 }, trainerThreads: undefined });
    expect(read({ STROMA_TRAINER: 'process' }).place).toEqual({ kind: 'machine', processes: 1 });
    expect(read({ STROMA_TRAINER: 'torchrun:4' }).place).toEqual({ kind: 'machine', processes: 4 });
  });

  it('names a Ray cluster, with what it wants to see of who asks', () => {
    const ray = { STROMA_TRAINER: 'ray:8', STROMA_RAY_URL: 'http://head:8265/' };
    const place = { kind: 'ray', workers: 8, url: 'http://head:8265', headers: {}, python: 'python' };
    expect(read(ray).place).toEqual(place);
    const headers = { Authorization: 'Bearer x' };
    const more = { STROMA_RAY_HEADERS: JSON.stringify(headers), STROMA_RAY_PYTHON: '/opt/python' };
    expect(read({ ...ray, ...more }).place).toEqual({ ...place, headers, python: '/opt/python' });
    expect(() => read({ STROMA_TRAINER: 'ray:8' })).toThrow(/STROMA_RAY_URL/);
    for (const text of ['Bearer x', '[1]', '{"a": 1}', 'null']) {
      expect(() => read({ ...ray, STROMA_RAY_HEADERS: text })).toThrow(/STROMA_RAY_HEADERS/);
    }
  });

  it('shares the cores among several processes, unless it is told the threads', () => {
    expect(read({ STROMA_TRAINER: 'torchrun:4096' }).trainerThreads).toBe(1);
    expect(read({ STROMA_TRAINER: 'torchrun:2', STROMA_TRAINER_THREADS: '3' }).trainerThreads).toBe(3);
  });

  it('is refused when it names none', () => {
    for (const text of ['torchrun', 'torchrun:0', 'torchrun:-1', 'torchrun:1.5', 'ray', 'ray:0', 'slurm:2']) {
      expect(() => read({ STROMA_TRAINER: text })).toThrow(/no place/);
    }
  });
});
