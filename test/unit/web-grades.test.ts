import type { PredictionMessage } from '@stroma/core/http/slide';
import { describe, expect, it } from 'vitest';
import { bothHeatMaps, readSecond, secondAddress } from '../../web/viewer/second-address.ts';
import { gradesOf, jobAddress, readJob } from '../../web/viewer/slide-grades.ts';
import { spreadWords } from '../../web/viewer/spread-words.ts';
import { readAddress, writeAddress } from '../../web/viewer/view-address.ts';

const made: Omit<PredictionMessage, 'id' | 'jobId' | 'encoder'> = {
  classes: ['benign', 'malign'],
  probabilities: [0.4, 0.6],
  spread: null,
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

it('the spread of a grade is told by the models behind it, and is none of one model', () => {
  const spread = { low: [0.25, 0.5], high: [0.5, 0.75] };
  const words = (models: number) => spreadWords({ ...prediction(1, 1, 'dino'), spread: { ...spread, models } });
  expect(words(3)).toBe('malign 0.50–0.75: lowest and highest of 3 models.');
  expect(words(1)).toBe('One model, no spread.');
  expect(spreadWords(prediction(1, 1, 'dino'))).toContain('no spread');
});

describe('the address of a slide’s grades', () => {
  const slideId = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const written = (jobs: number[], chosen: number | null) =>
    new URLSearchParams(writeAddress('?job=1', jobAddress({ jobs }, chosen)));

  it('holds the job unless it is the newest', () => {
    expect(readJob(written([5, 2], 2))).toBe(2);
    for (const chosen of [5, null]) expect(written([5, 2], chosen).has('job')).toBe(false);
  });

  it('keeps a job whose grades are still being fetched, or that did not grade the slide', () => {
    expect(readJob(written([], 2))).toBe(2);
    expect(readJob(written([5], 2))).toBe(2);
  });

  it('names no job when it is nonsense', () => {
    for (const job of ['', '0', '-1', '1.5', 'newest', '12345678901'])
      expect(readJob(new URLSearchParams({ job }))).toBeNull();
  });

  it('opens both encoders’ heat maps of one job side by side, and comes back the same', () => {
    const [path, search = ''] = bothHeatMaps(slideId, 7).split('?');
    const query = new URLSearchParams(search);
    expect(path).toBe(`/slides/${slideId}`);
    expect(readJob(query)).toBe(7);
    expect(readAddress(search).heat.encoder).toBe('dino');
    const second = readSecond(query);
    expect(second).toEqual({ slideId, encoder: 'gen_dino' });
    expect(readSecond(new URLSearchParams(writeAddress('', secondAddress(second))))).toEqual(second);
    // Neither a shift nor a place of its own: the panes are linked.
    expect([query.has('shift'), query.has('free')]).toEqual([false, false]);
  });
});
