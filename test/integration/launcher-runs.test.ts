import { sql } from '@stroma/db/client';
import {
  cancelled,
  claim,
  enqueue,
  fail,
  heartbeat,
  type Lease,
  LeaseLost,
  maxAttempts,
  release,
  succeed,
} from '@stroma/db/runs';
import { work } from '@stroma/db/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TestDatabase, withSchema } from '../database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await withSchema();
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.db.deleteFrom('run').execute();
});

const stages = ['train_dino', 'embed'] as const;
const take = (worker = 'a', leaseS = 30) => claim(database.db, stages, worker, leaseS);
const statusOf = async (id: number) =>
  await database.db.selectFrom('run').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
const expire = (id: number) =>
  sql`update run set lease_until = now() - interval '1 s' where id = ${id}`.execute(database.db);

async function held(): Promise<{ id: number; lease: Lease }> {
  await enqueue(database.db, { stage: 'train_dino' });
  const run = await take();
  if (!run) throw new Error('nothing to claim');
  return { id: run.id, lease: { runId: run.id, fence: run.fence } };
}

describe('claim', () => {
  it('gives a run to one of many workers only', async () => {
    for (let i = 0; i < 20; i += 1) await enqueue(database.db, { stage: 'embed' });
    const claims = await Promise.all(Array.from({ length: 40 }, (_, i) => take(`worker ${i}`)));
    const ids = claims.flatMap((run) => (run ? [run.id] : []));
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  it('takes only its own stages, the oldest first', async () => {
    await enqueue(database.db, { stage: 'export' });
    const first = await enqueue(database.db, { stage: 'embed' });
    await enqueue(database.db, { stage: 'train_dino' });
    expect((await take())?.id).toBe(first);
  });

  it('waits for every input', async () => {
    const input = await enqueue(database.db, { stage: 'train_dino' });
    const run = await enqueue(database.db, { stage: 'embed', inputs: [{ runId: input, role: 'encoder' }] });
    const first = await take();
    expect(first?.id).toBe(input);
    expect(await take()).toBeUndefined();
    await succeed(database.db, { runId: input, fence: first?.fence ?? 0 }, {});
    expect((await take())?.id).toBe(run);
  });

  it('never takes a run whose input failed', async () => {
    const { id, lease } = await held();
    await enqueue(database.db, { stage: 'embed', inputs: [{ runId: id, role: 'encoder' }] });
    await fail(database.db, lease, { code: 'x', message: 'x' });
    expect(await take()).toBeUndefined();
  });
});

describe('a lease', () => {
  it('keeps others away while it is prolonged', async () => {
    const { lease } = await held();
    expect(await heartbeat(database.db, lease, 30)).toBe('held');
    expect(await take('b')).toBeUndefined();
  });

  it('that ran out goes to the next worker, with a higher fence and one attempt more', async () => {
    const { id, lease } = await held();
    await expire(id);
    const again = await take('b');
    expect(again).toMatchObject({ id, worker: 'b', attempt: 2 });
    expect(again?.fence).toBeGreaterThan(lease.fence);
  });

  it('that is stale can write nothing', async () => {
    const { id, lease } = await held();
    await expire(id);
    await take('b');
    expect(await heartbeat(database.db, lease, 30)).toBe('lost');
    await expect(succeed(database.db, lease, {})).rejects.toBeInstanceOf(LeaseLost);
    await expect(fail(database.db, lease, { code: 'x', message: 'x' })).rejects.toBeInstanceOf(LeaseLost);
    await expect(cancelled(database.db, lease)).rejects.toBeInstanceOf(LeaseLost);
    await release(database.db, lease);
    expect(await statusOf(id)).toMatchObject({ status: 'running', worker: 'b' });
  });

  it('that is stale rolls back what came with the result', async () => {
    const { id, lease } = await held();
    await expire(id);
    await take('b');
    const stored = database.db.transaction().execute(async (trx) => {
      await trx.insertInto('auditEvent').values({ action: 'x', subject: 'stale' }).execute();
      await succeed(trx, lease, {});
    });
    await expect(stored).rejects.toBeInstanceOf(LeaseLost);
    expect(await database.db.selectFrom('auditEvent').selectAll().execute()).toEqual([]);
  });

  it('given back costs no attempt', async () => {
    const { id, lease } = await held();
    await release(database.db, lease);
    expect(await statusOf(id)).toMatchObject({ status: 'queued', attempt: 0, worker: null });
  });

  it('tells its holder of a cancellation', async () => {
    const { id, lease } = await held();
    await database.db.updateTable('run').set({ cancelRequested: true }).where('id', '=', id).execute();
    expect(await heartbeat(database.db, lease, 30)).toBe('cancelled');
  });
});

it('a run whose worker died too often fails instead of being tried for ever', async () => {
  const { id } = await held();
  await sql`update run set attempt = ${maxAttempts} where id = ${id}`.execute(database.db);
  await expire(id);
  expect(await take()).toBeUndefined();
  expect(await statusOf(id)).toMatchObject({ status: 'failed', error: { code: 'run.worker_died' } });
});

it('a worker stores the reason of a failure and gives back what it holds when it stops', async () => {
  const bad = await enqueue(database.db, { stage: 'embed' });
  const long = await enqueue(database.db, { stage: 'train_dino' });
  const stop = new AbortController();
  const working = work(
    {
      connection: database.connection,
      name: 'test',
      log: () => undefined,
      handlers: {
        embed: async () => {
          throw new Error('no such thing');
        },
        train_dino: async ({ signal }) => {
          const stopped = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
          setTimeout(() => stop.abort(), 100);
          await stopped;
        },
      },
    },
    stop.signal,
  );
  await working;
  expect(await statusOf(bad)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
  expect(await statusOf(long)).toMatchObject({ status: 'queued', attempt: 0 });
});
