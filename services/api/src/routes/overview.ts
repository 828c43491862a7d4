import { statfs } from 'node:fs/promises';
import { Overview } from '@stroma/core/http/overview';
import { failedJobs, leakingCohorts, newestGradedJob, openJobs, overviewCounts } from '@stroma/db/overview';
import type { Api, ApiOptions } from '../api.ts';

export async function overview(app: Api, { uploadsFolder }: ApiOptions): Promise<void> {
  const { db } = app.connection;

  app.get(
    '/api/overview',
    { config: { rule: 'signed-in' }, schema: { response: { 200: Overview } } },
    async (): Promise<Overview> => {
      const [counts, open, graded, failed, leaks, disk] = await Promise.all([
        overviewCounts(db),
        openJobs(db),
        newestGradedJob(db),
        failedJobs(db),
        leakingCohorts(db),
        statfs(uploadsFolder),
      ]);
      const { total, ready, scaleOpen, arriving, cut, crops } = counts;
      const { slideBytes, cropBytes, exportBytes, failedReadings } = counts;
      return {
        slides: { total, ready, scaleOpen, arriving, cut, crops },
        cohorts: { total: counts.cohorts, slides: counts.cohortSlides },
        jobs: open.map(({ job, done, total: steps, running }) => ({
          id: job.id,
          cohortName: job.cohortName,
          preset: job.preset,
          status: job.status,
          createdAt: job.createdAt.toISOString(),
          done,
          total: steps,
          running: running.map(({ stage, encoder, progress, startedAt }) => ({
            stage: stage as Overview['jobs'][number]['running'][number]['stage'],
            encoder: encoder as 'dino' | 'gen_dino' | null,
            progress,
            startedAt: startedAt?.toISOString() ?? null,
          })),
        })),
        gradedJob: graded ?? null,
        needs: { failedReadings, failedJobs: failed, leaks },
        storage: {
          slideBytes,
          cropBytes,
          exportBytes,
          freeBytes: disk.bavail * disk.bsize,
          diskBytes: disk.blocks * disk.bsize,
        },
      };
    },
  );
}
