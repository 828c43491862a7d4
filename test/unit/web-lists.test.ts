import { describe, expect, test } from 'vitest';
import { hasWords, nextOrder, ordered, readOrder, writeOrder } from '../../web/parts/list-order.ts';
import { slideQuery } from '../../web/slides/slide-query.ts';

describe('the order of a list', () => {
  test('is told by the address, and only one that there is', () => {
    expect(readOrder('slides', ['name', 'slides'])).toEqual({ by: 'slides', down: false });
    expect(readOrder('-slides', ['name', 'slides'])).toEqual({ by: 'slides', down: true });
    for (const text of ['', null, 'colour', '--slides', '-']) expect(readOrder(text, ['slides', undefined])).toBeNull();
    for (const text of ['slides', '-slides']) expect(writeOrder(readOrder(text, ['slides']))).toBe(text);
  });

  test('goes upwards, downwards and back to how the list comes', () => {
    const up = nextOrder({ by: 'name', down: true }, 'slides');
    const down = nextOrder(up, 'slides');
    expect([up, down, nextOrder(down, 'slides')]).toEqual([
      { by: 'slides', down: false },
      { by: 'slides', down: true },
      null,
    ]);
  });

  test('reads numbers in names, keeps equals as they came, and leaves what has no value for the end', () => {
    const rows = ['slide 10', 'slide 2', null, 'Slide 2', 'slide 1'].map((name, id) => ({ name, id }));
    const ids = (down: boolean) => ordered(rows, ({ name }) => name, down).map(({ id }) => id);
    expect(ids(false)).toEqual([4, 1, 3, 0, 2]);
    expect(ids(true)).toEqual([0, 1, 3, 4, 2]);
    expect(ordered([3, null, 20, 1], (value) => value, true)).toEqual([20, 3, 1, null]);
  });
});

test('a search finds rows that have all of its words', () => {
  expect(hasWords('smoke aar', 'Aarhus', 'smoke', 7, null)).toBe(true);
  expect(hasWords('smoke zur', 'Aarhus', 'smoke', 7, null)).toBe(false);
  expect(hasWords(' ', 'Aarhus')).toBe(true);
});

test('the API is asked for what the address of the slides means, and for nothing else', () => {
  const asked = (address: string) => slideQuery(new URLSearchParams(address)).toString();
  expect(asked('view=table&from=60&cursor=abc')).toBe('');
  expect(asked('label=Gleason 4&graded=false&sort=-grade')).toBe('label=Gleason+4&graded=false&sort=-grade');
  expect(asked('only=scale=open&search=x')).toBe('scale=open&search=x');
  expect(asked('only=colour=red&graded=perhaps&sort=colour&limit=9')).toBe('');
});
