/**
 * Compressed script of each page of a platform that runs, largest first:
 *
 *   npm run bench:pages -- --sign-in LINK [--files] [--json]
 *
 * LINK is the one-time link that the platform printed; it has to hold a job that is finished. The bound is held by
 * test/e2e/main-job.spec.ts.
 */
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { chromiumPath } from '@stroma/infra/setup/chromium';
import { everyPath } from '../e2e/accessible-pages.ts';
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
  const paths = await everyPath(page, origin);
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
