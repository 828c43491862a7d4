import type { SlideFilterValues, SlideList } from '@stroma/core/http/slide';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { insertCohort, insertPrediction, insertSlide } from './api-data.ts';
import { startApi, type TestApi } from './api-server.ts';

let server: TestApi;
let slides: string[];
let jobId: number;

const sql = async (text: string, values: unknown[] = []) =>
  (await server.database.connection.pool.query(text, values)).rows[0]?.id as number;

/** Four slides s0…s3 of an older cohort; the first two are in a newer one as well, with other labels and sites. */
beforeAll(async () => {
  server = await startApi();
  const { db } = server.database;
  const older = await insertCohort(db, { grades: ['low', 'high', 'low', null] });
  slides = older.slideIds;
  const newer = await insertCohort(db, { grades: ['benign', 'malign'] });
  await sql('delete from cohort_slide where cohort_id = $1', [newer.cohortId]);
  await sql('delete from slide where id = any($1::uuid[])', [newer.slideIds]);
  const member = `insert into cohort_slide (cohort_id, slide_id, patient_id, label, site) values ($1, $2, $3, $4, $5)`;
  await sql(member, [newer.cohortId, slides[0], 'p0', 1, 'Aarhus']);
  await sql(member, [newer.cohortId, slides[1], 'p1', null, 'Zurich']);
  await sql("update slide set format = 'aperio' where id = $1", [slides[2]]);

  const { cohortId } = newer;
  const cropSetOf = (slideId: string | undefined) =>
    sql(
      `insert into crop_set (slide_id, recipe_hash, recipe, mpp, size_px, stride_px, size0_x, size0_y, crop_count, status)
       values ($1, 'h', '{}', 0.5, 256, 256, 256, 256, 1, 'ready') returning id`,
      [slideId],
    );
  // By a job, out of fold: malign 0.75. Its own band is wider than that of slides that no fold holds.
  const first = await insertPrediction(server.database.connection, {
    cohortId,
    slideId: slides[0] ?? '',
    cropSetId: await cropSetOf(slides[0]),
  });
  jobId = first.jobId;
  const calibration = {
    all: { temperature: 1, abstain_below: 0.9, slides: 8 },
    by_fold: [{ fold: 0, temperature: 1, abstain_below: 0.7, slides: 6 }],
    abstain: { target_accuracy: 0.9 },
  };
  const trained = await sql(
    `insert into run (job_id, stage, encoder, status, result) values ($1, 'train_abmil', 'dino', 'succeeded', $2) returning id`,
    [jobId, JSON.stringify({ metrics: { calibration } })],
  );
  const input = `insert into run_input (run_id, input_run_id, role)
    select run_id, $2, 'abmil' from prediction where id = $1`;
  await sql(input, [first.predictionId, trained]);
  // On arrival, of no fold of its own: malign too, but inside the band. It had another grade before.
  const cropSetId = await cropSetOf(slides[2]);
  const earlier = await insertPrediction(server.database.connection, { cohortId, slideId: slides[2] ?? '', cropSetId });
  await sql(`update prediction set probabilities = '{0.9,0.1}' where id = $1`, [earlier.predictionId]);
  const arrival = await insertPrediction(server.database.connection, { cohortId, slideId: slides[2] ?? '', cropSetId });
  await sql(
    `update run set stage = 'grade_slide', slide_id = $2, config = jsonb_build_object('modelRunId', $3::int, 'cropSetId', $4::int)
     where id = (select run_id from prediction where id = $1)`,
    [arrival.predictionId, slides[2], trained, cropSetId],
  );
  await sql(`update prediction set probabilities = '{0.4,0.6}', held_out = true, folds = '{0,1}' where id = $1`, [
    arrival.predictionId,
  ]);
  await sql(input, [arrival.predictionId, trained]);
  const benign = await insertPrediction(server.database.connection, {
    cohortId,
    slideId: slides[3] ?? '',
    cropSetId: await cropSetOf(slides[3]),
  });
  await sql(`update prediction set probabilities = '{0.6,0.4}', held_out = false where id = $1`, [benign.predictionId]);
});
afterAll(() => server.close());

const list = async (query: string) => (await server.ask(`/api/slides?${query}`)).json() as SlideList;
const names = async (query: string) => (await list(query)).slides.map(({ name }) => name);

describe('the list of slides tells', () => {
  test('the label and site of the newest cohort that holds the slide', async () => {
    const told = new Map((await list('')).slides.map(({ name, membership }) => [name, membership]));
    expect(told.get('s0.svs')).toMatchObject({ label: 'malign', site: 'Aarhus' });
    expect(told.get('s1.svs')).toMatchObject({ label: null, site: 'Zurich' });
    expect(told.get('s2.svs')).toMatchObject({ label: 'low', site: null });
    const alone = await insertSlide(server.database.db, { name: 'alone.svs' });
    const { membership, grade } = (await server.ask(`/api/slides/${alone}`)).json();
    expect([membership, grade]).toEqual([null, null]);
    await sql('delete from slide where id = $1', [alone]);
  });

  test('the newest grade, who gave it, and whether it abstains', async () => {
    const told = new Map((await list('')).slides.map(({ name, grade }) => [name, grade]));
    const ofJob = { by: 'job', jobId, grade: 'malign', probability: expect.closeTo(0.75, 6), abstains: false };
    expect(told.get('s0.svs')).toMatchObject(ofJob);
    const arrival = { by: 'arrival', grade: 'malign', probability: expect.closeTo(0.6, 6), abstains: true };
    expect(told.get('s2.svs')).toMatchObject(arrival);
    expect(told.get('s3.svs')).toMatchObject({ by: 'job', grade: 'benign', heldOut: false, abstains: null });
    expect(told.get('s1.svs')).toBeNull();
  });

  test('how many slides there are of each label, site and format', async () => {
    const values = (await server.ask('/api/slides/filters')).json() as SlideFilterValues;
    expect(values).toEqual({
      labels: [
        { value: 'low', slides: 1 },
        { value: 'malign', slides: 1 },
      ],
      sites: [
        { value: 'Aarhus', slides: 1 },
        { value: 'Zurich', slides: 1 },
      ],
      formats: [
        { value: 'aperio', slides: 1 },
        { value: 'generic-tiff', slides: 3 },
      ],
    });
  });
});

describe('the list of slides is narrowed', () => {
  test.each([
    ['label=malign', ['s0.svs']],
    // Of an older cohort: not what the slide is called now.
    ['label=high', []],
    ['labelled=false', ['s1.svs', 's3.svs']],
    ['site=Zurich', ['s1.svs']],
    ['graded=false', ['s1.svs']],
    ['graded=true', ['s0.svs', 's2.svs', 's3.svs']],
    ['format=aperio', ['s2.svs']],
    ['graded=true&labelled=true&search=S', ['s0.svs', 's2.svs']],
  ])('by %s', async (query, expected) => {
    const { total, slides: found } = await list(`${query}&sort=name`);
    expect([found.map(({ name }) => name), total]).toEqual([expected, expected.length]);
  });

  test('by nothing that it does not know', async () => {
    for (const query of ['graded=perhaps', 'sort=colour', `label=${'x'.repeat(201)}`]) {
      expect((await server.ask(`/api/slides?${query}`)).json().error.code).toBe('request.invalid');
    }
  });
});

describe('the list of slides is put in order', () => {
  const byGrade = ['s3.svs', ['s0.svs', 's2.svs'], 's1.svs'];

  test.each([
    ['name', ['s0.svs', 's1.svs', 's2.svs', 's3.svs']],
    ['-name', ['s3.svs', 's2.svs', 's1.svs', 's0.svs']],
    ['added', ['s0.svs', 's1.svs', 's2.svs', 's3.svs']],
    ['-added', ['s3.svs', 's2.svs', 's1.svs', 's0.svs']],
  ])('by %s, page after page', async (sort, expected) => {
    expect(await pages(sort)).toEqual(expected);
    expect(await names(`sort=${sort}`)).toEqual(expected);
  });

  test('by grade, page after page; ungraded slides are last either way', async () => {
    for (const [sort, expected] of [
      ['grade', byGrade],
      ['-grade', [byGrade[1], byGrade[0], byGrade[2]]],
    ] as const) {
      const all = await pages(sort);
      expect(all).toEqual(await names(`sort=${sort}`));
      const order = (name: string) => expected.findIndex((one) => one === name || one?.includes(name));
      expect(all.map(order)).toEqual(sort === 'grade' ? [0, 1, 1, 2] : [0, 0, 1, 2]);
    }
  });

  test('and goes on only in the order that it began in', async () => {
    const { next } = await list('sort=name&limit=1');
    expect((await list(`sort=name&limit=1&cursor=${next}`)).slides[0]?.name).toBe('s1.svs');
    for (const sort of ['-name', 'grade', 'added']) {
      const refused = (await server.ask(`/api/slides?sort=${sort}&cursor=${next}`)).json();
      expect(refused.error).toMatchObject({ code: 'slides.cursor', expected: expect.stringContaining(sort) });
    }
    const forged = Buffer.from(JSON.stringify(['added', slides[0], "now()'"])).toString('base64url');
    expect((await server.ask(`/api/slides?sort=added&cursor=${forged}`)).json().error.code).toBe('slides.cursor');
  });

  async function pages(sort: string): Promise<string[]> {
    const all: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: SlideList = await list(`sort=${sort}&limit=1${cursor && `&cursor=${cursor}`}`);
      all.push(...page.slides.map(({ name }) => name));
      cursor = page.next;
    }
    return all;
  }
});
