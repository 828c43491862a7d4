import { createTurns } from '@stroma/api/slides/turns';
import { expect, test } from 'vitest';

const never = new AbortController().signal;

/** Work that ends when it is told to. */
function work() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  const one = (name: string) => () => {
    started.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  return { started, one, end: (name: string) => ends.get(name)?.() };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

test('so many at once, in order, each key for itself', async () => {
  const turns = createTurns(2);
  const { started, one, end } = work();
  const done = ['a', 'b', 'c', 'd'].map((name) => turns.take('slide', never, one(name)));
  const other = turns.take('other slide', never, one('x'));
  await settle();
  expect(started).toEqual(['a', 'b', 'x']);
  end('b');
  await settle();
  expect(started).toEqual(['a', 'b', 'x', 'c']);
  for (const name of ['a', 'c', 'x']) end(name);
  await settle();
  end('d');
  expect(await Promise.all([...done, other])).toEqual(['a', 'b', 'c', 'd', 'x']);
});

test('who leaves the line is not served, and holds up nobody', async () => {
  const turns = createTurns(1);
  const { started, one, end } = work();
  const leaving = new AbortController();
  const first = turns.take('slide', never, one('a'));
  const second = turns.take('slide', leaving.signal, one('b'));
  const third = turns.take('slide', never, one('c'));
  leaving.abort(new Error('gone'));
  await expect(second).rejects.toThrow('gone');
  await expect(turns.take('slide', leaving.signal, one('d'))).rejects.toThrow('gone');
  end('a');
  await first;
  await settle();
  expect(started).toEqual(['a', 'c']);
  end('c');
  expect(await third).toBe('c');
});

test('a failed work hands its turn on', async () => {
  const turns = createTurns(1);
  const failing = turns.take('slide', never, async () => {
    throw new Error('broken');
  });
  const next = turns.take('slide', never, async () => 'fine');
  await expect(failing).rejects.toThrow('broken');
  expect(await next).toBe('fine');
});
