import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { CohortList } from '@stroma/core/http/cohort';
import type { JobDetail, JobList } from '@stroma/core/http/job';
import type { ModelList } from '@stroma/core/http/model';
import type { CropList, PredictionList, SlideList } from '@stroma/core/http/slide';

/** Every page there is, of what a platform with a finished job holds: each tab of the viewer, each stage of the job. */
export async function everyPath(page: Page, origin: string): Promise<string[]> {
  const ask = async <T>(path: string) => (await (await page.request.get(origin + path)).json()) as T;
  const { cohorts } = await ask<CohortList>('/api/cohorts');
  const { jobs } = await ask<JobList>('/api/jobs');
  const { models } = await ask<ModelList>('/api/models');
  const { slides } = await ask<SlideList>('/api/slides?limit=100');
  const job = jobs.find(({ status }) => status === 'succeeded');
  if (!job || !cohorts[0]) throw new Error('there is no cohort with a finished job to look at');
  const graded = await Promise.all(
    slides.map(async ({ id }) => (await ask<PredictionList>(`/api/slides/${id}/predictions`)).predictions[0]),
  );
  const at = graded.findIndex((prediction) => prediction?.jobId === job.id);
  const slide = `/slides/${slides[at]?.id}`;
  const { crops } = await ask<CropList>(`/api${slide}/crops?cropSetId=${graded[at]?.cropSetId}`);
  const [primary, secondary] = crops.map(({ id }) => id);
  const { runs } = await ask<JobDetail>(`/api/jobs/${job.id}`);
  const stages = new Set(runs.map((run) => `${run.stage}-${run.encoder ?? 'none'}`));
  const kinds = new Map(models.map((model) => [model.kind, model.runId]));
  return [
    ...['/', '/slides', '/slides?view=table', '/slides?search=nothing-is-called-so', '/cohorts', '/cohorts/new'],
    ...[`/cohorts/${cohorts[0].id}`, '/jobs', '/jobs/compare', `/jobs/${job.id}`, `/jobs/${job.id}/comparison`],
    ...[...stages].map((stage) => `/jobs/${job.id}?stage=${stage}`),
    ...['/models', ...[...kinds.values()].map((runId) => `/models/${runId}`), '/exports', '/tokens', '/nowhere'],
    ...['grade', 'annotations', 'tissue', 'walk', 'slide'].map((tab) => `${slide}?tab=${tab}`),
    `${slide}?tab=crops&crop=${primary}&evidence=0&crops=evidence`,
    `${slide}?with=${slides[at]?.id}&heat2=dino`,
    `/walk?job=${job.id}&primary=${primary}&secondary=${secondary}`,
  ];
}

/** Waits until what the page asks the server for has come. */
export async function opened(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await expect(page.getByText(/^(Reading .*…|The slide is being opened …)$/)).toHaveCount(0, { timeout: 60_000 });
}

/** What axe finds serious or critical on the page as it is now: rule, element, and what is wrong with it. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(
        ({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary?.replace(/\s+/g, ' ')}`,
      ),
    );
}
