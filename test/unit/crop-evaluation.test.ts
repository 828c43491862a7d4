import { cropEvaluation } from '@stroma/core/contract/crop-evaluation';
import { expect, test } from 'vitest';

const score = { n: 40, balanced_accuracy: 0.5, ci: { balanced_accuracy: [0.4, null] } };

test('an evaluation is told in short: both encoders, k-NN at 20, the distance beside its floor', () => {
  const found = cropEvaluation({
    metrics: {
      crops: 40,
      encoder: {
        labels: { knn: { '10': {}, '20': score }, probe: null },
        frechet: { floor: 1.5, half_n: 18, across: { generated: 4, interpolated: 5 } },
      },
      gen_encoder: {},
    },
  });
  expect(found).toEqual({
    crops: 40,
    encoders: [
      {
        encoder: 'dino',
        knn: { value: 0.5, low: 0.4, high: null },
        probe: null,
        frechet: { floor: 1.5, generated: 4, crops: 18 },
      },
      { encoder: 'gen_dino', knn: null, probe: null, frechet: null },
    ],
  });
});

test('a run without a result tells nothing', () => {
  expect(cropEvaluation(null)).toBeUndefined();
});

test.each([undefined, null, {}, { crops: '40' }, []])('nothing is told of metrics %j', (metrics) => {
  expect(cropEvaluation({ metrics })).toBeUndefined();
});
