import path from 'node:path';
import { expect, type Locator, type Page, test } from '@playwright/test';
import type { ExportList } from '@stroma/core/http/export';
import { type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';
import { type FilledLists, fillLists } from './filled-lists.ts';

test.describe.configure({ mode: 'serial' });

let data: Awaited<ReturnType<typeof temporaryData>>;
let platform: StartedPlatform;
let filled: FilledLists;
let page: Page;
const thrown: string[] = [];

test.beforeAll(async ({ browser }) => {
  test.setTimeout(4 * 60_000);
  data = await temporaryData();
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  filled = await fillLists(platform);
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', (error) => thrown.push(error.stack ?? error.message));
  await page.goto(filled.link);
});

test.afterEach(() => expect(thrown).toEqual([]));

test.afterAll(async () => {
  test.setTimeout(60_000);
  await platform?.stop();
  await data?.remove();
});

test('an export that failed is asked for once more under the names it was asked for with', async () => {
  await page.goto(`${platform.url}/exports`);
  await page.getByRole('button', { name: 'Retry' }).click();
  const newest = async () => {
    const answer = await page.request.get(`${platform.url}/api/exports`);
    return ((await answer.json()) as ExportList).exports[0];
  };
  await expect.poll(async () => (await newest())?.id).toBeGreaterThan(filled.exportId);
  expect(await newest()).toMatchObject({ encoder: 'dino', layout: 'clam', names: 'uploaded' });
});

test('how an export is opened in Python is told beside it', async () => {
  const title = `Export ${filled.exportId}`;
  await page.getByRole('button', { name: `Slides and Python of ${title}`, exact: true }).click();
  const dialog = page.getByRole('dialog', { name: title });
  await expect(dialog.getByTestId('export-snippet')).toContainText('stroma-Aarhus-dino-clam.zip');
  await expect(dialog.getByRole('heading', { name: '0 slides' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
});

const lists = [
  { page: '/slides', asks: '/api/slides?' },
  { page: '/cohorts', asks: '/api/cohorts' },
  { page: '/jobs', asks: '/api/jobs' },
  { page: '/jobs/compare', asks: '/api/jobs' },
  { page: '/models', asks: '/api/models' },
  { page: '/exports', asks: '/api/exports' },
  { page: '/tokens', asks: '/api/tokens' },
];

for (const list of lists) {
  test(`${list.page} says that its list could not be read, and reads it at a click`, async () => {
    await page.route(
      (url) => (url.pathname + url.search).startsWith(list.asks),
      (route) => route.abort(),
      { times: 1 },
    );
    await page.goto(platform.url + list.page);
    const problem = page.locator('main').getByRole('alert').filter({ hasText: 'The server did not answer.' });
    await problem.getByRole('button', { name: 'Retry' }).click();
    await expect(problem).toHaveCount(0);
  });
}

test('what was read before stays, and says since when it was not refreshed', async () => {
  await page.goto(`${platform.url}/jobs`);
  const table = page.getByRole('table', { name: 'Jobs' });
  await expect(table).toBeVisible();
  // A job runs, so the list is asked for every few seconds.
  await page.route('**/api/jobs', (route) => route.abort(), { times: 1 });
  const note = page
    .locator('main')
    .getByRole('alert')
    .filter({ hasText: /^Not refreshed since \d\d:\d\d\./ });
  await expect(note).toBeVisible();
  await expect(table).toBeVisible();
  await note.getByRole('button', { name: 'Retry' }).click();
  await expect(note).toHaveCount(0);
});

test('an address that names no job is told so', async () => {
  await page.goto(`${platform.url}/jobs/compare?a=${filled.jobs[0]}&b=latest`);
  await expect(page.locator('main').getByRole('alert')).toContainText('latest');
});

test('a list is put in order and searched by the keyboard, and the address brings both back', async () => {
  await page.goto(`${platform.url}/cohorts`);
  const table = page.getByRole('table', { name: 'Cohorts' });
  const names = table.locator('tbody tr td:first-child');
  const slides = table.getByRole('columnheader', { name: 'Slides' });
  await expect(slides).toHaveAttribute('aria-sort', 'none');
  await slides.getByRole('button').press('Enter');
  await expect(slides).toHaveAttribute('aria-sort', 'ascending');
  await expect(names).toHaveText(['Zurich', 'Aarhus']);
  await slides.getByRole('button').press('Enter');
  await expect(names).toHaveText(['Aarhus', 'Zurich']);
  await expect(page).toHaveURL(/\?sort=-slides$/);

  const [first, second] = filled.cohorts.map((name) => table.getByRole('link', { name }));
  await first?.focus();
  await page.keyboard.press('ArrowDown');
  await expect(second as Locator).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(second as Locator).toBeFocused();
  await page.keyboard.press('Home');
  await expect(first as Locator).toBeFocused();

  await page.getByRole('searchbox', { name: 'Search cohorts' }).fill('zur');
  await expect(names).toHaveText(['Zurich']);
  await second?.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Zurich');
  await page.goBack();
  await expect(names).toHaveText(['Zurich']);
  await page.reload();
  await expect(page.getByRole('searchbox', { name: 'Search cohorts' })).toHaveValue('zur');
  await expect(slides).toHaveAttribute('aria-sort', 'descending');
});

test('the list of slides is narrowed and put in order by the address, in a grid and in a table', async () => {
  await page.goto(`${platform.url}/slides`);
  const cards = page.getByTestId('slide-card');
  await expect(cards).toHaveCount(5);
  await expect(cards.first()).toContainText(/Label malign in Zurich.*not graded/);
  await page.getByRole('combobox', { name: 'Label' }).selectOption({ label: 'benign (3)' });
  await expect(cards).toHaveCount(3);
  await page.getByRole('combobox', { name: 'Grades' }).selectOption('Graded');
  await expect(page.getByText('No slide is of this kind')).toBeVisible();
  await page.getByRole('combobox', { name: 'Grades' }).selectOption('Graded or not');
  await page.getByRole('button', { name: 'Table' }).click();
  const table = page.getByRole('table', { name: 'Slides' });
  await table.getByRole('button', { name: 'Slide' }).press('Enter');
  await expect(page).toHaveURL(/label=benign.*view=table.*sort=name/);
  await page.reload();
  await expect(table.getByRole('columnheader', { name: 'Slide' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(table.locator('tbody tr')).toHaveCount(3);
  const search = page.getByRole('searchbox', { name: 'Search slides by name' });
  await search.fill('s0');
  await expect(table.locator('tbody tr')).toHaveCount(2);
  await page.getByRole('button', { name: 'Show all slides' }).click();
  await expect(search).toHaveValue('');
  await expect(table.locator('tbody tr')).toHaveCount(5);
  // The boxes to choose by are a column of their own for the arrow keys.
  await table.getByRole('checkbox').first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(table.getByRole('checkbox').nth(1)).toBeFocused();
});
