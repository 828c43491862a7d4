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
  await page.getByTestId('slide-card').first().getByRole('link').last().click();
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

// The drag of a corner does not arrive since the viewer measures and turns: to be mended before this can pass.
test.fixme('a corner is moved; what is deleted comes back', async () => {
  await rows().filter({ hasText: 'Gland 1' }).getByRole('button').first().click();
  await page.waitForTimeout(1000);
  const [before] = await stored();
  // The chosen one is shown in the middle, 60 % of what fits, or at one screen px a px.
  const ring: [number, number][] = before.geometry.coordinates[0];
  const query = new URL(page.url()).searchParams;
  const [x, y, zoom] = ['x', 'y', 'z'].map((name) => Number(query.get(name))) as [number, number, number];
  const [middleX, middleY] = await at(0.5, 0.5);
  const [cornerX, cornerY] = ring[2] as [number, number];
  const corner: [number, number] = [middleX + (cornerX - x) * zoom, middleY + (cornerY - y) * zoom];
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
