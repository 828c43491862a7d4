import { classify } from '@stroma/wsi/tissue/classify';
import { expect, it, vi } from 'vitest';
import { cases, numbersOf } from './wsi-tissue-cases.ts';
import { microns, shareOf } from './wsi-tissue-drawing.ts';

vi.setConfig({ testTimeout: 30_000 });

it.each(cases)('$name', async ({ drawing, blur, expect: wanted }) => {
  const picture = await drawing.picture(blur ? { outOfFocus: blur } : {});
  const classes = classify(picture, microns);
  for (const { where, is, least } of wanted) {
    expect(shareOf(classes, where, ...numbersOf(is)), is.join(' or ')).toBeGreaterThanOrEqual(least);
  }
});
