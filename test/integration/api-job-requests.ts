import type { JobDetail } from '@stroma/core/http/job';
import { expect } from 'vitest';
import { insertCohort } from './api-data.ts';
import type { TestApi } from './api-server.ts';

export const jobOf = (cohortId: number, more: object = {}) => ({ cohortId, mpp: 0.5, preset: 'smoke', ...more });

/** Jobs through a test's api. server is asked for at each use: it starts before the tests, not before this. */
export function jobsThrough(server: () => TestApi) {
  const post = (url: string, payload?: object) =>
    server().ask({ method: 'POST', url, ...(payload ? { payload } : {}) });
  return {
    post,
    async newJob(more: object = {}) {
      const cohort = await insertCohort(server().database.db, { grades: ['0', '1', '0', null] });
      const answer = await post('/api/jobs', jobOf(cohort.cohortId, more));
      expect(answer.statusCode).toBe(201);
      return { ...cohort, id: answer.json().id as number };
    },
    detailOf: async (id: number) => (await server().ask(`/api/jobs/${id}`)).json() as JobDetail,
    setRuns: (jobId: number, status: string) =>
      server().database.db.updateTable('run').set({ status }).where('jobId', '=', jobId).execute(),
  };
}
