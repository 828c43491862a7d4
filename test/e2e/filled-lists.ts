import { createOneTimeLink } from '@stroma/api/one-time-link';
import { connect } from '@stroma/db/client';
import { insertCohort } from '../integration/api-data.ts';
import { databaseUrl, type StartedPlatform } from '../platform.ts';

export interface FilledLists {
  cohorts: string[];
  jobs: number[];
  /** It failed, and was asked for with the uploaded names. */
  exportId: number;
  /** Signs a browser in, once. */
  link: string;
}

/** Rows as people and workers leave them: two cohorts, a job of each of which the second runs, and an export that failed. */
export async function fillLists(platform: StartedPlatform): Promise<FilledLists> {
  const connection = connect(await databaseUrl(platform));
  const { db, pool } = connection;
  try {
    const insert = async (text: string, values: unknown[]) => (await pool.query(text, values)).rows[0].id as number;
    const given = [
      { name: 'Aarhus', grades: ['benign', 'malign', 'benign'], preset: 'smoke' },
      { name: 'Zurich', grades: ['benign', 'malign'], preset: 'small' },
    ];
    const jobs: number[] = [];
    for (const { name, grades, preset } of given) {
      const { cohortId } = await insertCohort(db, { grades });
      await pool.query('update cohort set name = $1 where id = $2', [name, cohortId]);
      const job = 'insert into job (cohort_id, preset, mpp, seed) values ($1, $2, 0.5, 7) returning id';
      jobs.push(await insert(job, [cohortId, preset]));
      for (const stage of ['embed', 'predict']) {
        const run = `insert into run (job_id, stage, encoder, status, ended_at)
          values ($1, $2, 'dino', 'succeeded', now()) returning id`;
        await insert(run, [jobs.at(-1), stage]);
      }
    }
    const running = `insert into run (job_id, stage, status, worker, lease_until)
      values ($1, 'train_eldm', 'running', 'another', now() + interval '1 hour') returning id`;
    await insert(running, [jobs[1]]);
    const failed = `insert into run (stage, encoder, status, error, ended_at)
      values ('export', 'dino', 'failed', '{"code": "export.room", "message": "There is no room."}', now()) returning id`;
    const written = `insert into export (run_id, cohort_id, job_id, encoder, layout, names)
      select $1, cohort_id, id, 'dino', 'clam', 'uploaded' from job where id = $2 returning id`;
    const exportId = await insert(written, [await insert(failed, []), jobs[0]]);
    const link = platform.url + (await createOneTimeLink(connection));
    return { cohorts: given.map(({ name }) => name), jobs, exportId, link };
  } finally {
    await connection.close();
  }
}
