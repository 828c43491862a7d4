import type { PredictionMessage } from '@stroma/core/http/slide';
import { describe, expect, it } from 'vitest';
import { gradesOf } from '../../web/viewer/use-grades.ts';

const made: Omit<PredictionMessage, 'id' | 'jobId' | 'encoder'> = {
  classes: ['benign', 'malign'],
  probabilities: [0.4, 0.6],
  folds: [0],
  heldOut: true,
  truth: null,
  trust: null,
  cropSetId: 3,
  stale: false,
  createdAt: '2026-01-01T00:00:00.000Z',
};
const prediction = (id: number, jobId: number, encoder: PredictionMessage['encoder']) => ({
  ...made,
  ...{ id, jobId, encoder },
});

describe('the grades of a slide', () => {
  // As the api answers: the newest first.
  const all = [
    prediction(9, 2, 'dino'),
    prediction(8, 5, 'gen_dino'),
    prediction(7, 5, 'dino'),
    prediction(4, 5, 'dino'),
    prediction(3, 2, 'dino'),
  ];

  it('are the newest of a job and encoder', () => {
    expect(gradesOf(all, 2)).toMatchObject({ jobs: [5, 2], job: 2, of: { dino: { id: 9 } } });
    expect(gradesOf(all, 5).of).toMatchObject({ dino: { id: 7 }, gen_dino: { id: 8 } });
  });

  it('are those of the newest job when none is chosen, or one that did not grade the slide', () => {
    for (const chosen of [null, 3]) expect(gradesOf(all, chosen).job).toBe(5);
    expect(gradesOf([], 5)).toEqual({ jobs: [], job: null, of: {} });
  });
});
