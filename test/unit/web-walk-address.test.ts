import { describe, expect, it } from 'vitest';
import {
  firstSettings,
  readSettings,
  readTowards,
  type WalkSettings,
  walkAddress,
} from '../../web/viewer/walk-address.ts';
import { cosineRange } from '../../web/viewer/walk-lines.ts';

const pair = { primary: '3:17', secondary: '9:2' };
const queryOf = (address: string) => new URLSearchParams(address.slice(address.indexOf('?')));

describe('the address of a walk', () => {
  it('holds the pair, what was set and what it was proposed for', () => {
    const settings: WalkSettings = { alpha: 0.35, replica: 2, sampler: 'unipc', encoder: 'gen_dino' };
    const query = queryOf(walkAddress(7, pair, { settings, towards: { predictionId: 41, grade: 0 } }));
    expect(Object.fromEntries(query)).toMatchObject({ job: '7', ...pair });
    expect([readSettings(query), readTowards(query)]).toEqual([settings, { predictionId: 41, grade: 0 }]);
  });

  it('leaves out what is as at first', () => {
    const query = queryOf(walkAddress(7, pair));
    expect([...query.keys()]).toEqual(['job', 'primary', 'secondary']);
    expect([readSettings(query), readTowards(query)]).toEqual([firstSettings, null]);
  });

  it('is read without what cannot be', () => {
    for (const text of [
      'alpha=1.2',
      'alpha=',
      'alpha=left',
      'noise=-1',
      'sampler=euler',
      'sampler=toString',
      'encoder=resnet',
    ]) {
      expect(readSettings(new URLSearchParams(text)), text).toEqual(firstSettings);
    }
    for (const text of ['towards=', 'towards=41', 'towards=a,b']) {
      expect(readTowards(new URLSearchParams(text)), text).toBeNull();
    }
  });
});

describe('the range of a chart of cosines', () => {
  const line = (...values: number[]) => ({
    name: 'to the primary',
    color: 'black',
    dash: '',
    points: values.map((value, i) => ({ alpha: i / 10, value })),
  });
  it('reaches from 0 to 1, or down to the quarter below what there is', () => {
    expect(cosineRange([line(0.2, 0.9), line()])).toEqual([0, 1]);
    expect(cosineRange([line(0.2, -0.13), line(0.4)])).toEqual([-0.25, 1]);
  });
});
