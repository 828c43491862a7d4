import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { JobComparison } from '@stroma/core/http/comparison';
import type { JobDetail, JobList } from '@stroma/core/http/job';
import type { PatchAttention } from '@stroma/core/http/patch-attention';
import type { JobProvenance } from '@stroma/core/http/provenance';
import type { PredictionList } from '@stroma/core/http/slide';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import { bothHeatMaps } from '../../web/viewer/second-address.ts';
import { type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';
import { everyPath, opened, seriousFindings } from './accessible-pages.ts';
import { weighPage } from './page-weight.ts';
import { type SmallCohort, smallCohort } from './small-cohort.ts';

const trainedWithin = 10 * 60_000;

test.describe.configure({ mode: 'serial' });

let platform: StartedPlatform;
let cohort: SmallCohort;
let page: Page;
let data: Awaited<ReturnType<typeof temporaryData>>;
/** What a page of the portal threw: it may still look right, until one leaves it. */
const thrown: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(4 * 60_000);
  data = await temporaryData();
  cohort = await smallCohort(path.join(data.folder, 'made'));
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  page.on('pageerror', (error) => thrown.push(error.stack ?? error.message));
});

test.afterEach(() => expect(thrown).toEqual([]));

test.afterAll(async () => {
  test.setTimeout(60_000);
  await platform?.stop();
  await data?.remove();
});

test('someone unknown gets 401 and nothing else', async ({ request }) => {
  for (const path of ['/api/slides', '/api/me', '/api/uploads', '/', '/api/nowhere']) {
    const answer = await request.get(platform.url + path, { headers: { accept: 'application/json' } });
    expect(answer.status(), path).toBe(401);
  }
});

test('the link signs in, once', async ({ request }) => {
  await page.goto(platform.oneTimeLink);
  await expect(page).not.toHaveURL(/sign-in/);
  const again = await request.get(platform.oneTimeLink, { maxRedirects: 0 });
  expect(again.status()).toBe(401);
});

test('slides are uploaded by the page', async () => {
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('upload-input').setInputFiles(cohort.files);
  await expect(page.getByTestId('slide-card')).toHaveCount(cohort.files.length, { timeout: 120_000 });
});

test('a file that is no slide is refused with a reason', async () => {
  await page.getByTestId('upload-input').setInputFiles({
    name: 'holiday.tiff',
    mimeType: 'image/tiff',
    buffer: Buffer.from('this is not a picture'),
  });
  await expect(page.locator('[data-testid=upload-row][data-status=refused]')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('slide-card')).toHaveCount(cohort.files.length);
});

test('labels make a cohort after a dry run', async () => {
  await page.goto(`${platform.url}/cohorts/new`);
  await page.getByTestId('cohort-name').fill('Small cohort');
  const folds = page.getByTestId('cohort-folds');
  await folds.fill('99');
  await folds.press('ArrowDown');
  await expect(folds).toHaveValue('20');
  await folds.fill('1');
  await folds.blur();
  await expect(folds).toHaveValue('2');
  await page.getByTestId('cohort-labels').fill(cohort.labelsCsv);
  await expect(page.locator('[data-testid=label-report][data-acceptable=true]')).toBeVisible({ timeout: 30_000 });
  await page.getByTestId('save-cohort').click();
  await expect(page).toHaveURL(/\/cohorts\/\d+$/);
});

test('a smoke job runs from crops to both encoders’ grades', async () => {
  test.setTimeout(trainedWithin + 60_000);
  await page.getByTestId('job-mpp').fill(String(cohort.mpp));
  await page.getByTestId('job-preset').selectOption('smoke');
  await page.getByTestId('grading').locator('summary').click();
  await page.getByTestId('job-attention').selectOption('gated');
  await page.getByTestId('job-projection').fill('48');
  await page.getByTestId('start-job').click();
  await expect(page).toHaveURL(/\/jobs\/\d+$/);
  const { overrides } = (await (
    await page.request.get(page.url().replace('/jobs/', '/api/jobs/'))
  ).json()) as JobDetail;
  expect(overrides).toEqual({ train_abmil: { gated: true, proj_dim: 48 } });
  await expect(page.getByTestId('stage-train_dino-none')).toHaveAttribute('data-status', 'succeeded', {
    timeout: trainedWithin,
  });
  await expect(page.getByTestId('job-status')).toHaveAttribute('data-status', 'succeeded', { timeout: trainedWithin });
  for (const stage of [
    'train_eldm-none',
    'synthesize-none',
    'train_gen_dino-none',
    'predict-dino',
    'predict-gen_dino',
    'evaluate-none',
  ]) {
    await expect(page.getByTestId(`stage-${stage}`)).toHaveAttribute('data-status', 'succeeded');
  }
  const settings = page.getByTestId('job-settings').getByRole('row');
  await expect(settings.filter({ hasText: 'proj_dim' })).toHaveText('ABMIL foldsproj_dim480');
  await expect(settings.filter({ hasText: 'gated' })).toHaveText('ABMIL foldsgatedtruefalse');
});

test('a curve is read at a step, and some of its steps are looked at alone', async () => {
  await page.getByTestId('stage-train_dino-none').click();
  await expect(page.getByTestId('stage-train_dino-none')).toHaveAttribute('aria-pressed', 'true');
  const curve = page.getByTestId('curve').first();
  await expect(curve.getByRole('img')).toBeVisible();
  const stepAt = async (share: number) => {
    const box = await curve.getByRole('img').boundingBox();
    if (!box) throw new Error('the curve is not drawn');
    await page.mouse.move(box.x + share * box.width, box.y + box.height / 2);
    return Number((await curve.getByText(/^step /).textContent())?.slice(5));
  };
  const [first, middle, last] = [await stepAt(0.01), await stepAt(0.5), await stepAt(0.99)];
  expect(first).toBeLessThan(middle);
  expect(middle).toBeLessThan(last);
  await stepAt(0.01);
  await page.mouse.down();
  await stepAt(0.5);
  await page.mouse.up();
  expect(await stepAt(0.01)).toBe(first);
  expect(await stepAt(0.99)).toBe(middle);
  await curve.getByRole('button', { name: 'All steps' }).click();
  expect(await stepAt(0.99)).toBe(last);
});

test('the evaluation shows its numbers and opens its report', async () => {
  await page.getByTestId('stage-evaluate-none').click();
  await expect(page.getByTestId('crop-evaluation')).toContainText(/Gen-DINO/);
  await expect(page.getByTestId('crop-evaluation')).toContainText(/\d\.\d\d \(\d\.\d\d–/);
  await expect(page.getByAltText(/^Synthetic crops along alpha_primary/).first()).toBeVisible();
  const [report] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('open-report').click()]);
  await expect(report.getByRole('heading', { name: 'Fréchet distance' })).toBeVisible();
  await expect(report.getByRole('img', { name: /^Real crops, the synthetic crops generated from them/ })).toBeVisible();
  await report.close();
});

test('the comparison page shows the api’s numbers, and a disagreement opens in the viewer', async () => {
  const jobUrl = page.url().replace(/\?.*/, '');
  const id = jobUrl.split('/').at(-1);
  await page.getByTestId('open-comparison').click();
  await expect(page).toHaveURL(`${jobUrl}/comparison`);
  const answer = (await (await page.request.get(`${platform.url}/api/jobs/${id}/comparison`)).json()) as JobComparison;
  for (const [encoder, grades] of [
    ['dino', answer.dino.grades],
    ['gen_dino', answer.genDino.grades],
  ] as const) {
    const shown = page.locator(`[data-metric="${encoder} accuracy"]`);
    await expect(shown).toContainText(Number(grades?.metrics.accuracy).toFixed(2));
    await expect(page.getByTestId(`roc-${encoder}`).getByRole('img', { name: /^ROC curves/ })).toBeVisible();
    const counts = await page.getByTestId(`confusion-${encoder}`).locator('td[data-right]').allTextContents();
    const right = grades?.confusion.map((row, k) => row[k]);
    expect(counts.map((text) => Number.parseInt(text, 10))).toEqual(right);
  }
  await expect(page.locator('[data-metric="difference accuracy"]')).toContainText(/interval .* than chance \(p [=<] /);
  await expect(page.getByTestId('mcnemar')).toContainText(`Of ${answer.paired?.slides} slides`);
  await expect(page.getByTestId('abstaining')).toContainText('Every grade of a new slide abstains');
  const differing = answer.slides.filter((slide) => slide.dino?.grade !== slide.genDino?.grade);
  await expect(page.getByText(`They disagree on ${differing.length} of ${answer.slides.length} slides`)).toBeVisible();
  await expect(page.getByTestId('slide-results').locator('tbody tr')).toHaveCount(answer.slides.length);
  if (differing.length > 0) await page.getByTestId('disagreements').getByRole('link').first().click();
  else await page.goto(platform.url + bothHeatMaps(answer.slides[0]?.slideId ?? '', answer.jobId));
  await expect(page.getByTestId('grade-trust').first()).toHaveAttribute('data-abstains', 'true');
  const slideId = /\/slides\/([\da-f-]+)/.exec(page.url())?.[1];
  const of = await page.request.get(`${platform.url}/api/slides/${slideId}/predictions`);
  const { predictions } = (await of.json()) as PredictionList;
  for (const [pane, encoder] of (['dino', 'gen_dino'] as const).entries()) {
    const heat = page.getByTestId('heat-map').nth(pane);
    const prediction = predictions.find((one) => one.encoder === encoder && one.jobId === answer.jobId);
    await expect(heat).toHaveAttribute('data-prediction', String(prediction?.id));
    await expect(heat).toHaveAttribute('data-drawn', 'true');
  }
  await expect(page.getByTestId('link-panes')).toHaveAttribute('aria-pressed', 'true');
  // Whoever reads either pane's grade reads that it abstains.
  const grades = page.getByTestId('grade-words');
  await expect(grades).toHaveText([/^abstains, nearest .*by DINO$/, /^abstains, nearest .*by Gen-DINO$/]);
  await page.goto(jobUrl);
});

test('an export is written, downloaded and whole', async () => {
  await page.getByTestId('export-clam-gen_dino').click();
  const link = page.getByTestId('export-download').first();
  await expect(link).toBeVisible({ timeout: 120_000 });
  const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const bytes = await readFile(await download.path());
  expect(bytes.subarray(0, 2).toString()).toBe('PK');
  const { exports } = await (await page.request.get(`${platform.url}/api/exports`)).json();
  expect(exports[0].sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
});

test('the viewer shows the slide, both grades and the heat map', async () => {
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('slide-card').first().getByRole('link').first().click();
  await expect(page.locator('[data-testid=slide-canvas][data-open=true]')).toBeVisible();
  for (const encoder of ['dino', 'gen_dino']) {
    await expect(page.getByTestId(`grade-${encoder}`)).toContainText(/\d/);
  }
  await expect(page.getByTestId('heat-map')).toHaveAttribute('data-drawn', 'true');
  expect(Number(await page.getByTestId('heat-map').getAttribute('data-count'))).toBeGreaterThan(0);
});

test('a grade tells what it was made of; where that fails, the failure and a retry', async () => {
  await expect(page.getByTestId('grade-spread').first()).toHaveText('One model, no spread.');
  const asked = /\/api\/predictions\/\d+\/lineage$/;
  const gone = { error: { code: 'prediction.unknown', message: 'There is no such grade.' } };
  await page.route(asked, (route) => route.fulfill({ status: 404, json: gone }));
  await page.getByTestId('grade-gen_dino').getByTestId('grade-origin').click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('alert')).toContainText('There is no such grade.');
  await page.unroute(asked);
  await dialog.getByRole('button', { name: 'Retry' }).click();
  for (const kind of ['grade', 'slide', 'abmil', 'synthetic', 'encoder', 'seed']) {
    await expect(dialog.locator(`a[data-kind=${kind}]`).first()).toBeVisible();
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

test('a most attended crop is a way to its place', async () => {
  await page.getByTestId('tab-crops').click();
  const first = page.getByTestId('most-attended').first();
  await expect(first).toBeVisible();
  const before = page.url();
  await first.getByRole('button').first().click();
  await expect.poll(() => page.url()).not.toBe(before);
});

test('the inspector shows where the encoder looks: every head and their mean, by the keyboard', async () => {
  const asked = page.waitForResponse(/\/patch-attention$/);
  await page.getByTestId('patch-attention-toggle').press('Enter');
  const { heads } = (await (await asked).json()) as PatchAttention;
  const choices = page.getByTestId('patch-map-choice');
  await expect(choices).toHaveCount(heads.length + 1, { timeout: 60_000 });
  await expect(page.getByTestId('patch-attention')).toContainText('This does not explain the grade.');
  const shown = page.getByTestId('patch-attention').getByRole('img');
  const pictures: string[] = [];
  for (const name of ['Head 1', 'Head 2']) {
    await choices.getByRole('radio', { checked: true }).press('ArrowRight');
    await expect(shown).toHaveAccessibleName(`${name}: attention over the crop`);
    pictures.push((await shown.screenshot()).toString('base64'));
  }
  expect(pictures[0]).not.toBe(pictures[1]);
  await page.getByTestId('patch-attention-toggle').click();
});

test('crops similar to a crop and to a rectangle are found, and a click goes to them', async () => {
  const slide = page.url();
  const similar = page.getByTestId('similar-crop');
  await page.getByTestId('most-attended').first().getByTestId('find-similar').click();
  await expect(similar.first()).toBeVisible({ timeout: 60_000 });
  // From what was found to what is similar to it, and from the crop that is inspected.
  const asked = page.getByTestId('similar-crops').getByAltText('The crop that is asked with');
  const next = await similar.last().getAttribute('data-crop-id');
  await similar.last().getByTestId('find-similar').click();
  await expect(asked).toHaveAttribute('src', `/api/crops/${next}/image`);
  await expect(similar.first()).not.toHaveAttribute('data-crop-id', String(next));
  await expect(asked).toBeInViewport();
  const inspected = await page.getByTestId('crop-inspector').getByRole('heading', { level: 3 }).textContent();
  await page.getByTestId('inspector-similar').click();
  await expect(asked).toHaveAttribute('src', `/api/crops/${inspected?.replace('Crop ', '')}/image`);
  await expect(asked).toBeInViewport();
  await page.getByTestId('similar-rectangle').click();
  const surface = await page.getByTestId('rectangle-surface').boundingBox();
  const { x, y, width, height } = surface ?? { x: 0, y: 0, width: 0, height: 0 };
  await page.mouse.move(x + width * 0.2, y + height * 0.2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.8, y + height * 0.8, { steps: 4 });
  await page.mouse.up();
  await expect(page.getByTestId('similar-crops')).toContainText(/mean of \d+ crops? in the rectangle/);
  await page.getByTestId('similar-where').selectOption({ label: 'on other slides' });
  const other = await similar.first().getAttribute('data-slide-id');
  await expect(page.getByTestId('similar-crops')).not.toContainText('this slide');
  await similar.first().getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`/slides/${other}`));
  await expect(page.getByTestId('tab-crops')).toBeVisible();
  await page.goto(slide);
  await page.getByTestId('tab-crops').click();
  await expect(page.getByTestId('most-attended').first()).toBeVisible();
});

test('a walk between two crops is drawn live, and the slider moves along it', async () => {
  test.setTimeout(5 * 60_000);
  const most = page.getByTestId('most-attended');
  await most.nth(0).getByTestId('walk-as-primary').click();
  await most.nth(1).getByTestId('walk-as-secondary').click();
  await page.getByTestId('tab-walk').click();
  const picture = page.getByTestId('walk-picture');
  await expect(picture).toHaveAttribute('data-alpha', '0.60', { timeout: 90_000 });
  const thumb = page.getByTestId('walk-slider').getByRole('slider');
  await thumb.focus();
  for (let press = 0; press < 4; press += 1) await page.keyboard.press('ArrowLeft');
  await expect(picture).toHaveAttribute('data-alpha', '0.80', { timeout: 90_000 });
  await expect(picture.locator('img, canvas').first()).toBeVisible();
});

test('a walk towards a grade is proposed from the prediction, shows the grade along it and where it flips', async () => {
  test.setTimeout(5 * 60_000);
  await page.getByTestId('tab-grade').click();
  await page.getByTestId('walk-towards').first().click();
  await expect(page).toHaveURL(/\/walk\?job=\d+&primary=/, { timeout: 60_000 });
  await expect(page.getByTestId('walk-proposal')).toContainText('most attended crop');
  const flip = page.getByTestId('walk-flip');
  await expect(flip).toHaveAttribute('data-flip', /^(none|\d\.\d\d)$/, { timeout: 120_000 });
  await expect(flip).toContainText(/flip/);
  // Two lines of similarity, one of each grade; every point is a step that was drawn.
  const lines = page.getByTestId('walk-line');
  await expect(lines).toHaveCount(5);
  for (const line of await lines.all()) {
    expect(Number(await line.getAttribute('data-points'))).toBeGreaterThanOrEqual(11);
  }
  await expect(page.getByTestId('walk-nearest')).toHaveCount(11);
  const drawing = '**/api/jobs/*/interpolations';
  const failure = { error: { code: 'inference.busy', message: 'Nothing is drawn now.' } };
  await page.route(drawing, (route) => route.fulfill({ status: 503, json: failure }));
  await page.getByText('Same pair, other noise').click();
  const failed = page.getByRole('alert').filter({ hasText: 'Nothing is drawn now.' });
  await expect(failed).toBeVisible();
  await page.unroute(drawing);
  await failed.getByRole('button', { name: 'Retry' }).click();
  await expect(page.getByTestId('walk-noise').locator('img')).toHaveCount(4, { timeout: 60_000 });
  await page.getByTestId('walk-play').click();
  await expect(page.getByTestId('walk-picture')).toHaveAttribute('data-alpha', '0.00', { timeout: 60_000 });
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('walk-files').getByRole('link', { name: 'GIF' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^synthetic_walk_.*\.gif$/);
  const [single] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('walk-files').getByRole('link', { name: 'this picture' }).click(),
  ]);
  expect(single.suggestedFilename()).toMatch(/^synthetic_walk_.*_alpha-0\.00\.png$/);

  // In another person's browser the address shows the same, and why these two crops.
  await expect(page).toHaveURL(/alpha=0\.00/);
  await page.evaluate('sessionStorage.clear()');
  await page.reload();
  await expect(page.getByTestId('walk-picture')).toHaveAttribute('data-alpha', '0.00', { timeout: 60_000 });
  await expect(page.getByTestId('walk-proposal')).toContainText('most attended crop', { timeout: 60_000 });
});

const dicomFolder = path.resolve(import.meta.dirname, '../../../shared/data/slides/dicom-cmu1-small');

test('a folder of DICOM files is one slide that opens in the viewer', async () => {
  test.skip(!existsSync(dicomFolder) || !process.env.STROMA_OPENSLIDE, 'the real series or OpenSlide is absent');
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('upload-folder-input').setInputFiles(dicomFolder);
  const row = page.getByTestId('upload-row').filter({ hasText: '4 files' });
  await expect(row).toHaveAttribute('data-status', 'registered', { timeout: 120_000 });
  await expect(page.getByTestId('slide-card')).toHaveCount(cohort.files.length + 1);
  await row.getByRole('link', { name: 'open' }).click();
  await expect(page.locator('[data-testid=slide-canvas][data-open=true]')).toBeVisible();
});

test('an active model grades the slide that arrives next, with the spread of its folds', async () => {
  test.setTimeout(5 * 60_000);
  await page.goto(`${platform.url}/models?kind=abmil&search=gen-dino`);
  await page
    .getByRole('table', { name: 'Models' })
    .getByRole('link', { name: /^ABMIL/ })
    .click();
  for (const kind of ['abmil', 'encoder', 'crops', 'slides', 'seed']) {
    await expect(page.getByTestId('lineage').locator(`a[data-kind=${kind}]`).first()).toBeVisible();
  }
  await page.getByTestId('turn-active').click();
  await expect(page.getByTestId('active-model')).toHaveAttribute('data-active', 'true');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByTestId('model-file').filter({ hasText: 'abmil.onnx' }).first().click(),
  ]);
  expect((await readFile(await download.path())).length).toBeGreaterThan(100);
  const [next] = await generateCohort(path.join(data.folder, 'next'), { slides: 1, seed: 12 });
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('upload-input').setInputFiles(next?.file ?? '');
  const grade = page.locator('[data-testid=arrival-grade][data-status=succeeded]');
  await expect(grade).toContainText(/\d\.\d\d \(\d\.\d\d–\d\.\d\d\), 2 models/, { timeout: 4 * 60_000 });
  await grade.getByRole('link').click();
  await expect(page.getByTestId('active-model')).toContainText('1 new slide graded');
  await page.getByTestId('turn-active').click();
  await expect(page.getByTestId('active-model')).toHaveAttribute('data-active', 'false');
});

test('no page keeps anybody out, in light or in dark: axe finds nothing serious', async () => {
  test.setTimeout(10 * 60_000);
  const findings: string[] = [];
  for (const address of await everyPath(page, platform.url)) {
    await opened(page, platform.url + address);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const finding of await seriousFindings(page)) findings.push(`${address} in ${colorScheme}: ${finding}`);
    }
  }
  expect(findings).toEqual([]);

  // The same check finds what is put there to be found.
  await page.evaluate(`document.querySelector('main').insertAdjacentHTML('beforeend',
    '<p style="color:#777;background:#666">Grey on grey</p><button></button>')`);
  const planted = (await seriousFindings(page)).map((finding) => finding.split(' ')[0]);
  expect(planted.sort()).toEqual(['button-name', 'color-contrast']);
});

test('no page besides the viewer’s brings more than 200 kB of compressed script', async () => {
  test.setTimeout(5 * 60_000);
  const mostBytes = 200_000;
  const paths = new Map((await everyPath(page, platform.url)).map((path) => [path.replace(/\?.*/, ''), path]));
  const weights = [];
  for (const path of paths.values()) weights.push(await weighPage(page, platform.url, path));
  const heavy = weights.filter(({ scriptBytes }) => scriptBytes > mostBytes);
  expect(heavy.map(({ path }) => path.replace(/^\/slides\/.+/, 'the viewer'))).toEqual(['the viewer']);
});

test('a job begun again from its slide models takes over the rest, and trains them by another setting', async () => {
  test.setTimeout(6 * 60_000);
  const { jobs } = (await (await page.request.get(`${platform.url}/api/jobs`)).json()) as JobList;
  const base = jobs[0]?.id;
  await page.goto(`${platform.url}/jobs/${base}?stage=train_abmil-gen_dino`);
  await page.getByTestId('rerun').click();
  await expect(page.getByRole('dialog')).toContainText(/Taken over from job \d+: DINO, .*E-LDM/);
  await page.getByTestId('rerun-settings').fill('gated');
  await expect(page.getByTestId('confirm-rerun')).toBeDisabled();
  await page.getByTestId('rerun-settings').fill('gated = false');
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByTestId('confirm-rerun').click();
  await expect(page).not.toHaveURL(new RegExp(`/jobs/${base}\\b`));
  await expect(page.getByText(`begun from job ${base}`)).toBeVisible();
  await expect(page.getByTestId('job-status')).toHaveAttribute('data-status', 'succeeded', { timeout: 5 * 60_000 });
  await expect(page.getByTestId('stage-train_dino-none')).toHaveAttribute('data-status', 'succeeded');
  const id = Number(/\/jobs\/(\d+)/.exec(page.url())?.[1]);
  const detail = (await (await page.request.get(`${platform.url}/api/jobs/${id}`)).json()) as JobDetail;
  const own = detail.runs.filter((run) => run.jobId === id).map((run) => `${run.encoder} ${run.stage}`);
  expect(own.sort()).toEqual(['dino predict', 'dino train_abmil', 'gen_dino predict', 'gen_dino train_abmil']);
  const { runs } = (await (
    await page.request.get(`${platform.url}/api/jobs/${id}/provenance`)
  ).json()) as JobProvenance;
  const gated = runs.filter((run) => run.stage === 'train_abmil').map((run) => run.settings.gated);
  expect(gated).toEqual([false, false]);
  const answer = (await (await page.request.get(`${platform.url}/api/jobs/${id}/comparison`)).json()) as JobComparison;
  expect([answer.dino.grades?.metrics.accuracy, answer.genDino.grades?.metrics.accuracy]).toEqual([
    expect.any(Number),
    expect.any(Number),
  ]);
});
