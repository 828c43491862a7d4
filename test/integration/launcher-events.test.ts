import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TrainerEvent } from '@stroma/core/contract/run-directory';
import { sql } from '@stroma/db/client';
import { claim, enqueue, type Lease, LeaseLost } from '@stroma/db/runs';
import { EventTail } from '@stroma/launcher/event-tail';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';

let database: TestDatabase;
let folder: string;
let file: string;
let lease: Lease;
const heard: TrainerEvent[] = [];

beforeAll(async () => {
  database = await withSchema();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stroma-events-'));
  file = path.join(folder, 'events.jsonl');
  heard.length = 0;
  await enqueue(database.db, { stage: 'train_dino' });
  const run = await claim(database.db, ['train_dino'], 'test', 60);
  lease = { runId: run?.id ?? 0, fence: run?.fence ?? 0 };
  return () => rm(folder, { recursive: true });
});

let clock = 0;
const line = (step: number) => {
  clock += 1;
  const time = new Date(1_800_000_000_000 + clock).toISOString();
  return `${JSON.stringify({ version: 1, time, kind: 'metric', phase: 'dino', step, values: { loss: 1 / 3, nan: null } })}\n`;
};
const newTail = () => new EventTail(database.db, lease, file, (event) => heard.push(event));
async function stored() {
  return await database.db
    .selectFrom('runEvent')
    .select(['position', 'kind', 'data'])
    .where('runId', '=', lease.runId)
    .orderBy('position')
    .execute();
}
const steps = async () => (await stored()).map((row) => (row.data as { step?: number }).step);

it('reads what is there, and later what was added', async () => {
  const tail = newTail();
  await tail.catchUp();
  await writeFile(file, line(1));
  await tail.catchUp();
  const second = line(2);
  await appendFile(file, second.slice(0, 20));
  await tail.catchUp();
  expect(await steps()).toEqual([1]);
  await appendFile(file, second.slice(20) + line(3));
  await tail.catchUp();
  expect(await steps()).toEqual([1, 2, 3]);
  expect(heard.map((event) => event.kind === 'metric' && event.step)).toEqual([1, 2, 3]);
  const { length } = await readFile(file);
  expect((await stored()).at(-1)?.position).toBe(length);
});

it('a second launcher stores nothing twice', async () => {
  await writeFile(file, line(1) + line(2));
  await newTail().catchUp();
  await newTail().catchUp();
  expect(await steps()).toEqual([1, 2]);
});

it('forgets events that the trainer cut off, even when the file has grown past them', async () => {
  const kept = line(1) + line(2);
  await writeFile(file, kept + line(3) + line(4));
  const tail = newTail();
  await tail.catchUp();
  await truncate(file, kept.length);
  await appendFile(file, line(30) + line(40) + line(50));
  await tail.catchUp();
  expect(await steps()).toEqual([1, 2, 30, 40, 50]);
});

it('a new launcher finds the cut as well', async () => {
  const kept = line(1);
  await writeFile(file, kept + line(2) + line(3));
  await newTail().catchUp();
  await truncate(file, kept.length);
  await appendFile(file, line(20));
  await newTail().catchUp();
  expect(await steps()).toEqual([1, 20]);
});

it('forgets everything when the file is gone', async () => {
  await writeFile(file, line(1));
  const tail = newTail();
  await tail.catchUp();
  await rm(file);
  await tail.catchUp();
  expect(await stored()).toEqual([]);
});

it('finds a cut far back among thousands of events', async () => {
  const kept = Array.from({ length: 700 }, (_, i) => line(i)).join('');
  await writeFile(file, kept + Array.from({ length: 1800 }, (_, i) => line(i)).join(''));
  await newTail().catchUp();
  await truncate(file, kept.length);
  await newTail().catchUp();
  expect(await stored()).toHaveLength(700);
});

it('garbage becomes a log line and stops nothing', async () => {
  await writeFile(file, Buffer.concat([Buffer.from([0, 1, 2, 255, 10]), Buffer.from(`{"version":1}\n${line(9)}`)]));
  await newTail().catchUp();
  expect((await stored()).map((row) => row.kind)).toEqual(['log', 'log', 'metric']);
});

it('a launcher that lost the run writes nothing', async () => {
  await writeFile(file, line(1));
  await sql`update run set fence = fence + 1 where id = ${lease.runId}`.execute(database.db);
  await expect(newTail().catchUp()).rejects.toBeInstanceOf(LeaseLost);
  expect(await stored()).toEqual([]);
});

describe('a picture', () => {
  const png = Buffer.from('\u0089PNG\r\n\u001a\nand more', 'latin1');
  const pictureLine = (more: object = {}) => {
    const { time } = JSON.parse(line(0)) as { time: string };
    const event = {
      ...{ version: 1, time, kind: 'picture', phase: 'unet', step: 8, epoch: 1, name: 'samples' },
      ...{ path: 'pictures/unet-samples-8.png', sha256: createHash('sha256').update(png).digest('hex') },
      ...{ bytes: png.length, width: 2, height: 2, caption: 'Synthetic crops.', synthetic: true },
    };
    return `${JSON.stringify({ ...event, ...more })}\n`;
  };
  beforeEach(async () => {
    await mkdir(path.join(folder, 'pictures'));
    await writeFile(path.join(folder, 'pictures/unet-samples-8.png'), png);
  });

  it('that is whole is stored as the trainer told it', async () => {
    await writeFile(file, pictureLine());
    await newTail().catchUp();
    expect(await stored()).toMatchObject([{ kind: 'picture', data: { step: 8, synthetic: true, bytes: png.length } }]);
  });

  it.each([
    ['is another than was told', { sha256: 'a'.repeat(64) }, /cannot be shown: its SHA-256 is/],
    ['was cut off', { bytes: 99 }, /it has 16 bytes, its event says 99/],
    ['is missing', { path: 'pictures/other.png' }, /there is no such file/],
    ['lies outside its folder', { path: 'pictures/../../secret.png' }, /^Unreadable line/],
  ])('that %s becomes a log line, once', async (_, more, message) => {
    await writeFile(file, pictureLine(more) + line(9));
    await newTail().catchUp();
    await newTail().catchUp();
    expect(await stored()).toMatchObject([
      { kind: 'log', data: { message: expect.stringMatching(message) } },
      { kind: 'metric' },
    ]);
  });

  it('that is no PNG becomes a log line', async () => {
    const text = Buffer.from('<svg/>');
    await writeFile(path.join(folder, 'pictures/unet-samples-8.png'), text);
    await writeFile(file, pictureLine({ bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') }));
    await newTail().catchUp();
    expect(await stored()).toMatchObject([{ kind: 'log', data: { message: expect.stringMatching(/it is no PNG/) } }]);
  });
});
