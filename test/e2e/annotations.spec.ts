import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import { type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';

test.describe.configure({ mode: 'serial' });

let platform: StartedPlatform;
let page: Page;
let data: Awaited<ReturnType<typeof temporaryData>>;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(4 * 60_000);
  data = await temporaryData();
  const [slide] = await generateCohort(path.join(data.folder, 'made'), { slides: 1, seed: 11 });
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  page = await (await browser.newContext({ acceptDownloads: true })).newPage();
  await page.goto(platform.oneTimeLink);
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('upload-input').setInputFiles(slide?.file ?? '');
  await expect(page.getByTestId('slide-card')).toHaveCount(1, { timeout: 120_000 });
  await page.getByTestId('slide-card').first().getByRole('link').first().click();
  await expect(page.locator('[data-testid=slide-canvas][data-open=true]')).toBeVisible();
});

test.afterAll(async () => {
  test.setTimeout(60_000);
  await platform?.stop();
  await data?.remove();
});

const layer = () => page.getByTestId('annotation-layer');
const rows = () => page.getByTestId('annotation-row');
const stored = async () => {
  const id = /slides\/([\da-f-]{36})/.exec(page.url())?.[1];
  return (await (await page.request.get(`${platform.url}/api/slides/${id}/annotations`)).json()).annotations;
};
/** A place on the slide, as a share of the stage. */
async function at(x: number, y: number): Promise<[number, number]> {
  const box = await layer().boundingBox();
  if (!box) throw new Error('the layer has no place');
  return [box.x + x * box.width, box.y + y * box.height];
}

test('a rectangle is dragged, chosen, named, and there again after a reload', async () => {
  await page.getByTestId('tab-annotations').click();
  await page.getByTestId('draw-rectangle').click();
  await page.mouse.move(...(await at(0.4, 0.4)));
  await page.mouse.down();
  await page.mouse.move(...(await at(0.5, 0.5)), { steps: 5 });
  await page.mouse.move(...(await at(0.6, 0.55)), { steps: 5 });
  await page.mouse.up();
  await expect(rows()).toHaveCount(1);
  await page.getByTestId('annotation-name').fill('Gland 1');
  await page.getByTestId('annotation-name').press('Enter');
  await expect(rows().first()).toContainText('Gland 1');
  await expect(rows().first()).toContainText('mm²');
  await page.reload();
  await page.getByTestId('tab-annotations').click();
  await expect(rows().first()).toContainText('Gland 1');
  await expect(layer()).toHaveAttribute('data-drawn', '1');
  expect(await stored()).toMatchObject([{ kind: 'rectangle', name: 'Gland 1' }]);
});

test('a polygon is drawn by keys alone, at the cross under which the slide moves', async () => {
  await page.locator('.openseadragon-canvas').first().focus();
  await page.keyboard.press('o');
  await expect(page.getByTestId('drawing-hint')).toBeVisible();
  await page.keyboard.press('Space');
  for (const [i, key] of ['ArrowRight', 'ArrowDown', 'ArrowDown'].entries()) {
    await page.keyboard.press(key);
    // The slide moves to its place in a third of a second.
    await page.waitForTimeout(700);
    await page.keyboard.press('Space');
    await expect(page.getByTestId('drawing-hint')).toHaveAttribute('data-positions', String(i + 2));
  }
  await page.keyboard.press('Backspace');
  await expect(page.getByTestId('drawing-hint')).toHaveAttribute('data-positions', '3');
  await page.keyboard.press('Enter');
  await expect(rows()).toHaveCount(2);
  const [, polygon] = await stored();
  expect(polygon).toMatchObject({ kind: 'polygon' });
  expect(polygon.geometry.coordinates[0]).toHaveLength(4);
});

test('a corner is moved; what is deleted comes back', async () => {
  await rows().filter({ hasText: 'Gland 1' }).getByRole('button').first().click();
  const [before] = await stored();
  const ring: [number, number][] = before.geometry.coordinates[0];
  const [[left, top], , [cornerX, cornerY]] = ring as [[number, number], unknown, [number, number]];
  // The chosen one comes to lie in the middle; the address says so once the slide is at rest.
  const inAddress = (name: string) => Number(new URL(page.url()).searchParams.get(name));
  await expect.poll(() => Math.abs(inAddress('x') - (left + cornerX) / 2)).toBeLessThanOrEqual(1);
  await expect.poll(() => Math.abs(inAddress('y') - (top + cornerY) / 2)).toBeLessThanOrEqual(1);
  const zoom = inAddress('z');
  const [middleX, middleY] = await at(0.5, 0.5);
  const corner = [middleX + ((cornerX - left) / 2) * zoom, middleY + ((cornerY - top) / 2) * zoom] as const;
  await page.mouse.move(...corner);
  await page.mouse.down();
  await page.mouse.move(corner[0] + 30, corner[1] + 20, { steps: 6 });
  await page.mouse.up();
  await expect.poll(async () => (await stored())[0].version).toBeGreaterThan(before.version);
  const [moved] = await stored();
  expect(moved.kind).toBe('rectangle');
  expect(moved.geometry.coordinates[0][0]).toEqual(ring[0]);
  expect(moved.geometry.coordinates[0][2][0]).toBeCloseTo(cornerX + 30 / zoom, -1);

  await page.getByTestId('annotation-delete').click();
  await expect(rows()).toHaveCount(1);
  await page.getByTestId('annotation-undo').click();
  await expect(rows()).toHaveCount(2);
  expect((await stored())[0].geometry).toEqual(moved.geometry);
});

test('a change of what somebody else has changed meanwhile is refused, and theirs is shown', async () => {
  await rows().filter({ hasText: 'Gland 1' }).getByRole('button').first().click();
  const [{ id, version }] = await stored();
  const slide = /slides\/([\da-f-]{36})/.exec(page.url())?.[1];
  const theirs = await page.request.patch(`${platform.url}/api/slides/${slide}/annotations/${id}`, {
    data: { version, name: 'Gland, theirs' },
    headers: { origin: platform.url },
  });
  expect(theirs.status()).toBe(200);
  await page.getByTestId('annotation-delete').click();
  await expect(page.getByTestId('annotation-failed')).toBeVisible();
  await expect(rows().filter({ hasText: 'Gland, theirs' })).toHaveCount(1);
  await page.getByTestId('annotation-failed').getByRole('button', { name: 'Close' }).click();
  await expect(page.getByTestId('annotation-failed')).toHaveCount(0);
});

test('what is exported is taken back after a dry run', async () => {
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByTestId('annotation-export').click()]);
  const text = await readFile(await download.path(), 'utf8');
  const { features } = JSON.parse(text);
  expect(features).toHaveLength(2);
  const line = { type: 'Feature', geometry: { type: 'LineString', coordinates: [[1, 1], [2, 2]] }, properties: {} }; // biome-ignore format: one row
  const copies = features.map(({ id: _, ...feature }: { id: string }) => feature);
  const file = JSON.stringify({ type: 'FeatureCollection', features: [...features, ...copies, line] });
  await page.getByTestId('annotation-import').click();
  await page.getByTestId('annotation-file').setInputFiles({
    name: 'from-qupath.geojson',
    mimeType: 'application/geo+json',
    buffer: Buffer.from(file),
  });
  const report = page.getByTestId('annotation-report');
  await expect(report).toHaveAttribute('data-added', '2');
  await expect(report).toHaveAttribute('data-refused', '1');
  await expect(report).toContainText('feature 4');
  expect(await stored()).toHaveLength(2);
  await page.getByTestId('annotation-take').click();
  await expect(rows()).toHaveCount(4);
});
