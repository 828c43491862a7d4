/**
 * Compressed script of each page of a platform that runs, largest first:
 *
 *   npm run bench:pages -- --sign-in LINK [--files] [--json]
 *
 * LINK is the one-time link that the platform printed. A cohort and a job are looked at where there are some; the bound
 * that a test holds is in test/e2e/page-weight.ts.
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import type { CohortList } from '@stroma/core/http/cohort';
import type { JobList } from '@stroma/core/http/job';
import type { SlideList } from '@stroma/core/http/slide';
import { chromiumPath } from '@stroma/infra/setup/chromium';
import { weighPage } from '../e2e/page-weight.ts';

const { values } = parseArgs({
  options: { 'sign-in': { type: 'string' }, files: { type: 'boolean' }, json: { type: 'boolean' } },
});
const link = values['sign-in'];
if (!link) throw new Error('npm run bench:pages -- --sign-in LINK');
const { origin } = new URL(link);
const executablePath = chromiumPath();
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
try {
  const page = await (await browser.newContext()).newPage();
  await page.goto(link);
  const ask = async <T>(path: string) => (await (await page.request.get(origin + path)).json()) as T;
  const cohort = (await ask<CohortList>('/api/cohorts')).cohorts[0];
  const job = (await ask<JobList>('/api/jobs')).jobs[0];
  const slide = (await ask<SlideList>('/api/slides?limit=1')).slides[0];
  const paths = ['/', '/slides', '/cohorts', '/cohorts/new', '/jobs', '/exports', '/tokens'];
  if (cohort) paths.push(`/cohorts/${cohort.id}`);
  if (job) paths.push(`/jobs/${job.id}`);
  if (slide) paths.push(`/slides/${slide.id}`);
  const weights = [];
  for (const path of paths) weights.push(await weighPage(page, origin, path));
  weights.sort((a, b) => b.scriptBytes - a.scriptBytes);
  if (values.json) console.log(JSON.stringify(weights));
  else {
    for (const { path, scriptBytes, scripts } of weights) {
      console.log(
        `${(scriptBytes / 1000).toFixed(1).padStart(7)} kB  ${String(scripts.length).padStart(3)} files  ${path}`,
      );
      if (!values.files) continue;
      for (const { file, bytes } of scripts.sort((a, b) => b.bytes - a.bytes)) {
        console.log(`        ${(bytes / 1000).toFixed(1).padStart(7)} kB  ${file}`);
      }
    }
  }
} finally {
  await browser.close();
}
