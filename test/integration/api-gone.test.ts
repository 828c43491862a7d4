import { get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { goneSignal } from '@stroma/api/gone-signal';
import fastify from 'fastify';
import { expect, test } from 'vitest';

test('whoever hangs up is noticed; whoever gets their answer is not taken for gone', async () => {
  const signals: AbortSignal[] = [];
  const app = fastify();
  app.get('/now', async (_request, reply) => {
    signals.push(goneSignal(reply));
    return 'here';
  });
  app.get('/later', async (_request, reply) => {
    const gone = goneSignal(reply);
    signals.push(gone);
    await new Promise((resolve) => gone.addEventListener('abort', resolve));
    return 'too late';
  });
  await app.listen({ port: 0 });
  const { port } = app.server.address() as AddressInfo;
  expect(await (await fetch(`http://127.0.0.1:${port}/now`)).text()).toBe('here');
  const waiting = get({ port, path: '/later' }).on('error', () => undefined);
  await expect.poll(() => signals.length).toBe(2);
  waiting.destroy();
  await expect.poll(() => signals[1]?.aborted).toBe(true);
  expect(signals[0]?.aborted).toBe(false);
  await app.close();
});
