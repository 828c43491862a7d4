import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Attending } from '@stroma/launcher/ray/attendance';
import { RayAway, RayJobs } from '@stroma/launcher/ray/jobs-api';
import { patiently } from '@stroma/launcher/ray/patience';
import { endOf, nameOf } from '@stroma/launcher/ray/ray-executor';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// What only a broken or guarded cluster answers; a healthy one is asked in test/integration/launcher-ray.test.ts.
describe('a cluster that answers badly', () => {
  let server: Server;
  let jobs: RayJobs;
  let answer: { status: number; text: string };
  let asked: { method: string | undefined; headers: NodeJS.Dict<string | string[]> } | undefined;

  beforeEach(async () => {
    server = createServer((request, response) => {
      asked = { method: request.method, headers: request.headers };
      response.writeHead(answer.status).end(answer.text);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    jobs = new RayJobs({ url: `http://127.0.0.1:${port}`, headers: { authorization: 'Bearer secret' } });
  });
  afterEach(() => void server.close());

  it('is shown what it wants to see, and nothing that looks like a browser', async () => {
    answer = { status: 200, text: '{"status": "RUNNING", "message": null}' };
    expect(await jobs.find('x')).toMatchObject({ status: 'RUNNING' });
    expect(asked?.headers.authorization).toBe('Bearer secret');
    expect(Object.keys(asked?.headers ?? {}).filter((name) => /^(sec-|origin|referer)/.test(name))).toEqual([]);
  });

  it('is asked again when the fault may pass', async () => {
    for (const status of [500, 502, 503, 429]) {
      answer = { status, text: '<html>' };
      await expect(jobs.find('x')).rejects.toBeInstanceOf(RayAway);
    }
    server.close();
    server.closeAllConnections();
    await expect(jobs.find('x')).rejects.toBeInstanceOf(RayAway);
  });

  it('is an error when it refuses, or is no Ray cluster', async () => {
    const code = (value: string) => ({ problem: { code: value } });
    answer = { status: 401, text: 'no token' };
    await expect(jobs.stop('x')).rejects.toMatchObject(code('ray.unauthorized'));
    answer = { status: 400, text: 'no' };
    await expect(jobs.find('x')).rejects.toMatchObject(code('ray.refused'));
    for (const text of [
      '<html>hello</html>',
      '{"status": "DANCING"}',
      '{"status": "FAILED", "driver_exit_code": "1"}',
      'null',
    ]) {
      answer = { status: 200, text };
      await expect(jobs.find('x')).rejects.toMatchObject(code('ray.answer_unknown'));
    }
  });
});

describe('patience', () => {
  const patience = (forMs: number) => ({ url: 'http://head', forMs, log: () => undefined, waiting: () => undefined });

  it('outlasts a cluster that comes back', async () => {
    let tries = 0;
    const ask = async () => {
      tries += 1;
      if (tries === 1) throw new RayAway('ECONNREFUSED');
      return 'here';
    };
    expect(await patiently(patience(5_000), ask)).toBe('here');
  });

  it('has an end', async () => {
    const away = async () => Promise.reject(new RayAway('ECONNREFUSED'));
    await expect(patiently(patience(50), away)).rejects.toMatchObject({
      problem: { code: 'ray.unreachable', found: 'ECONNREFUSED', where: 'http://head' },
    });
  });

  it('is for absence alone', async () => {
    await expect(patiently(patience(5_000), async () => Promise.reject(new Error('wrong')))).rejects.toThrow('wrong');
  });
});

describe('the end of a job', () => {
  it('is that of its trainer, or an interruption', () => {
    expect(endOf({ status: 'SUCCEEDED' }, '')).toMatchObject({ code: 0 });
    expect(endOf({ status: 'FAILED', driver_exit_code: 1 }, 'words')).toMatchObject({ code: 1, lastWords: 'words' });
    expect(endOf({ status: 'FAILED', driver_exit_code: 75 }, '')).toMatchObject({ code: 75 });
    expect(endOf({ status: 'FAILED', driver_exit_code: -9 }, '').lastWords).toMatch(/interrupted: .*signal 9/);
    const died = endOf({ status: 'FAILED', error_type: 'JOB_SUPERVISOR_ACTOR_DIED', driver_exit_code: null }, '');
    expect(died).toMatchObject({ code: 75, lastWords: expect.stringMatching(/interrupted: .*ACTOR_DIED/) });
    const setUp = { status: 'FAILED', error_type: 'RUNTIME_ENV_SETUP_FAILURE', message: 'no pip' } as const;
    expect(endOf(setUp, '')).toMatchObject({ code: 1, lastWords: expect.stringContaining('no pip') });
    expect(endOf({ status: 'STOPPED' }, '')).toMatchObject({ code: 75 });
  });

  it('is looked for under a name of its own on every installation', () => {
    expect(nameOf('/a/runs/5', 2)).toMatch(/^stroma-[0-9a-f]{8}-run-5-2$/);
    expect(nameOf('/a/runs/5', 2)).not.toBe(nameOf('/b/runs/5', 2));
  });
});

describe('attendance', () => {
  let folder: string;
  const attended: Attending[] = [];
  const attend = async (fence: number) => {
    const attending = new Attending(folder, 'job', fence);
    attended.push(attending);
    await attending.begin();
    return attending;
  };
  const file = () => path.join(folder, 'attendance.json');
  const state = async () => JSON.parse(await readFile(file(), 'utf8')) as Record<string, unknown>;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'stroma-attendance-'));
    return async () => {
      for (const each of attended.splice(0)) each.end();
      await rm(folder, { recursive: true });
    };
  });

  it('beats, and asks to stop', async () => {
    const attending = await attend(3);
    const { beat } = await state();
    expect(await attending.askToStop()).toBe(true);
    expect(await state()).toMatchObject({ version: 1, job: 'job', fence: 3, stop: true });
    expect((await state()).beat).toBeGreaterThan(beat as number);
  });

  it('of a launcher that has lost the run changes nothing', async () => {
    const old = await attend(3);
    await attend(4);
    expect(await old.askToStop()).toBe(false);
    expect(await state()).toMatchObject({ fence: 4, stop: false });
  });

  it('replaces garbage', async () => {
    await writeFile(file(), '{');
    await attend(1);
    expect(await state()).toMatchObject({ fence: 1 });
  });
});
