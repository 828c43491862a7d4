import { sql } from './client.ts';

/** Ids of a job's runs: its own, and those that it took over from the job it was begun from. */
export const runsOf = (jobId: number) => sql<number>`(select run_id from job_run where job_id = ${jobId})`;
