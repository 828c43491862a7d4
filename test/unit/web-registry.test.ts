import { abstains } from '@stroma/api/slides/grading-message';
import type { Lineage } from '@stroma/core/http/model';
import type { JobProvenance } from '@stroma/core/http/provenance';
import { describe, expect, test } from 'vitest';
import { settingDifferences } from '../../web/jobs/setting-differences.ts';
import { placeLineage } from '../../web/models/lineage-graph.ts';

const job = (jobId: number, change: Partial<JobProvenance>): JobProvenance => ({
  jobId,
  cohortId: 1,
  cohortName: 'a cohort',
  preset: 'smoke',
  seed: 7,
  mpp: 0.5,
  sizePx: 256,
  stridePx: 256,
  cropSelection: { minTissueFraction: 0.5 },
  runs: [],
  slides: [],
  ...change,
});
const dino = (settings: Record<string, unknown>, codeRevision = 'abc') => ({
  id: 1,
  stage: 'train_dino',
  encoder: null,
  codeRevision,
  settings,
  replaced: {},
  data: {},
});

describe('two jobs', () => {
  test('differ in the settings whose values differ, by stage, nested ones by their path', () => {
    const first = job(1, { runs: [dino({ lr: 0.1, epochs: 3, views: { local: 8, global: 2 } })] });
    const second = job(2, { seed: 8, runs: [dino({ lr: 0.1, epochs: 4, views: { local: 6, global: 2 } }, 'abd')] });
    expect(settingDifferences(first, second)).toEqual([
      { where: 'Job', name: 'seed', first: '7', second: '8' },
      { where: 'DINO', name: 'code', first: 'abc', second: 'abd' },
      { where: 'DINO', name: 'epochs', first: '3', second: '4' },
      { where: 'DINO', name: 'views.local', first: '8', second: '6' },
    ]);
    expect(settingDifferences(first, job(3, { runs: first.runs }))).toEqual([]);
    // Not begun: nothing is known of its settings and code.
    const waiting = { ...dino({}), codeRevision: null };
    expect(settingDifferences(first, job(3, { runs: [waiting] }))).toEqual([]);
  });
});

test('a lineage is drawn from the result to the seed, each column past all that leads to it', () => {
  const node = (id: string) => ({ id, kind: 'encoder' as const, encoder: null, facts: [], sha256: null, href: '/' });
  const lineage: Lineage = {
    nodes: ['grade', 'slide', 'model', 'encoder', 'crops', 'seed'].map(node),
    edges: [
      ['grade', 'slide'],
      ['grade', 'model'],
      ['model', 'encoder'],
      ['model', 'crops'],
      ['encoder', 'crops'],
      ['crops', 'seed'],
    ],
    seed: 7,
    preset: 'smoke',
    slides: [],
  };
  const places = placeLineage(lineage).placed.map(({ node: { id }, column, row }) => [id, column, row]);
  expect(places).toEqual([
    ['grade', 0, 0],
    ['slide', 1, 0],
    ['model', 1, 1],
    ['encoder', 2, 0],
    ['crops', 3, 0],
    ['seed', 4, 0],
  ]);
});

test('a grade abstains by its calibrated probability; without a band always', () => {
  expect(abstains([0.8, 0.2], { temperature: 1, abstain_below: 0.8 })).toBe(false);
  // At T = 2: 2 : 1.
  expect(abstains([0.8, 0.2], { temperature: 2, abstain_below: 0.66 })).toBe(false);
  expect(abstains([0.8, 0.2], { temperature: 2, abstain_below: 0.67 })).toBe(true);
  expect(abstains([1, 0], { temperature: 1, abstain_below: null })).toBe(true);
});
