import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { SlideDetail, SlideList } from '@stroma/core/http/slide';
import { generateCohort } from '@stroma/infra/demo/cohort-generator';
import sharp from 'sharp';
import { startOpenSlidePython } from '../contract/openslide-python.ts';
import { pythonWith } from '../integration/inference-python.ts';
import { type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';
import { asWithGraphicsProcessor } from './graphics.ts';

test.describe.configure({ mode: 'serial' });

let data: Awaited<ReturnType<typeof temporaryData>>;
let platform: StartedPlatform;
let page: Page;
let slide: SlideDetail;
let file: string;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(4 * 60_000);
  data = await temporaryData();
  const [made] = await generateCohort(path.join(data.folder, 'made'), { slides: 1, seed: 5 });
  if (!made) throw new Error('no slide was made');
  file = made.file;
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  page = await (await browser.newContext()).newPage();
  await page.goto(platform.oneTimeLink);
  await page.goto(`${platform.url}/slides`);
  await page.getByTestId('upload-input').setInputFiles(file);
  await expect(page.getByTestId('slide-card')).toHaveCount(1, { timeout: 120_000 });
  const { slides } = (await (await page.request.get(`${platform.url}/api/slides`)).json()) as SlideList;
  slide = await (await page.request.get(`${platform.url}/api/slides/${slides[0]?.id}`)).json();
});

test.afterAll(async () => {
  test.setTimeout(60_000);
  await platform?.stop();
  await data?.remove();
});

async function show(query: string, on = page): Promise<void> {
  await on.goto(`${platform.url}/slides/${slide.id}?${query}`);
  await expect(on.locator('[data-testid=slide-canvas][data-open=true]')).toBeVisible({ timeout: 60_000 });
  await settled(on);
}

/** Until two pictures of the window, taken one after the other, are the same: every tile has come. */
async function settled(on = page): Promise<void> {
  await on.waitForLoadState('networkidle');
  let before = '';
  await expect
    .poll(
      async () => {
        const now = (await on.screenshot()).toString('base64');
        const same = now === before;
        before = now;
        return same;
      },
      { timeout: 60_000, intervals: [400] },
    )
    .toBe(true);
}

/** A square of whole screen px in the middle of what the test id names, and how far the middle is from its corner. */
async function middleClip(testId: string, side: number, on = page) {
  const box = await on.getByTestId(testId).boundingBox();
  if (!box) throw new Error(`${testId} is not on the page`);
  // A canvas is painted and measured in whole px, wherever its element lies.
  const [left, top, width, height] = [box.x, box.y, box.width, box.height].map(Math.round) as [
    number,
    number,
    number,
    number,
  ];
  const clip = {
    x: left + Math.floor((width - side) / 2),
    y: top + Math.floor((height - side) / 2),
    width: side,
    height: side,
  };
  return { clip, middle: { x: left + width / 2 - clip.x, y: top + height / 2 - clip.y } };
}

/** RGB of that square. */
async function middleOf(testId: string, side: number, on = page): Promise<Buffer> {
  const { clip } = await middleClip(testId, side, on);
  return await sharp(await on.screenshot({ clip }))
    .removeAlpha()
    .raw()
    .toBuffer();
}

function difference(a: Buffer, b: Buffer): { most: number; mean: number } {
  let [most, sum] = [0, 0];
  for (let i = 0; i < a.length; i += 1) {
    const off = Math.abs((a[i] ?? 0) - (b[i] ?? 0));
    most = Math.max(most, off);
    sum += off;
  }
  return { most, mean: sum / a.length };
}

const magnification = (on = page) => on.getByTestId('magnification').getAttribute('data-magnification').then(Number);

/** An odd number of screen px has its middle in a px, not between two. */
const windows = [[1440, 900], [1441, 901]] as const; // biome-ignore format: one row

for (const drawer of ['canvas', 'webgl'] as const) {
  test(`pixels on screen are OpenSlide’s, at the magnifications of two levels, in windows of odd and even size (${drawer})`, async ({
    browser,
  }) => {
    const python = pythonWith(['openslide']);
    test.skip(!python, 'no Python with openslide-python (STROMA_PYTHON)');
    const peer = startOpenSlidePython(python ?? '');
    const context = await browser.newContext({ storageState: await page.context().storageState() });
    const own = await context.newPage();
    if (drawer === 'webgl') await own.addInitScript({ content: asWithGraphicsProcessor });
    const side = 240;
    const levels = [...slide.levels].sort((a, b) => a.downsample - b.downsample).slice(0, 2);
    expect(levels.length).toBe(2);
    for (const [width, height] of windows) {
      await own.setViewportSize({ width, height });
      for (const [level, { downsample, ...size }] of levels.entries()) {
        const [x, y] = [Math.round(size.width / 2), Math.round(size.height / 2)];
        await show(`heat=none&x=${x * downsample}&y=${y * downsample}&z=${1 / downsample}`, own);
        await expect(own.getByTestId('slide-canvas')).toHaveAttribute('data-drawer', drawer);
        expect(await magnification(own)).toBeCloseTo(10 / ((slide.mpp?.x ?? 0) * downsample), 2);
        const shown = await middleOf('slide-canvas', side, own);
        const { middle } = await middleClip('slide-canvas', side, own);
        // Where px would lie between two of the screen, they lie half a px further right and down.
        const corner = { x: Math.floor(x - middle.x), y: Math.floor(y - middle.y) };
        const read = await peer.region(file, 'tiff', level, { ...corner, width: side, height: side });
        const { most, mean } = difference(shown, read);
        const where = `level ${level}, window of ${width} × ${height}`;
        console.log(`  ${drawer}, ${where}: at most ${most} of 255 off, ${mean.toFixed(3)} on average`);
        // Two JPEG decoders round differently; a shift by a single px would be far off.
        expect(mean, where).toBeLessThan(1);
        expect(most, where).toBeLessThanOrEqual(12);
      }
    }
    peer.close();
    await context.close();
  });
}

test('keys reach every magnification exactly, pan, turn and measure', async () => {
  await show('heat=none');
  for (const [key, wanted] of [2.5, 5, 10, 20, 40].entries()) {
    await page.keyboard.press(String(key + 1));
    await expect.poll(() => magnification()).toBeCloseTo(wanted, 3);
  }
  await page.keyboard.press('2');
  await expect.poll(() => magnification()).toBeCloseTo(5, 3);
  await page.getByTestId('slide-canvas').dblclick({ position: { x: 400, y: 400 } });
  await expect.poll(() => magnification()).toBeCloseTo(10, 3);

  await page.keyboard.press('.');
  await expect(page.getByTestId('upright')).toHaveText('15°');
  await page.keyboard.press('u');
  await expect(page.getByTestId('upright')).toHaveCount(0);

  // At 10x a screen px is 1 µm, and an arrow moves by 120 of them.
  await page.keyboard.press('m');
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowRight');
  await settled();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('measured')).toHaveText('120 µm');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('next, previous most attended crop');
  await page.keyboard.press('Escape');
  // The keys are the dialog's until it has gone.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('m');
  await expect(page.getByTestId('measured')).toHaveCount(0);
});

test('two panes show the same place and move together until they are unlinked', async () => {
  await show(`heat=none&x=${slide.width0 / 2}&y=${slide.height0 / 2}&z=0.5`);
  await page.keyboard.press('c');
  await page.getByTestId('compare-same').click();
  await expect(page.locator('[data-testid=second-canvas][data-open=true]')).toBeVisible();
  for (const level of [1, 2]) {
    const name = page.getByRole('heading', { level, name: slide.name });
    expect(await name.evaluate((shown) => shown.scrollWidth <= shown.clientWidth)).toBe(true);
  }
  const apart = async () => {
    await settled();
    return difference(await middleOf('slide-canvas', 160), await middleOf('second-canvas', 160)).mean;
  };
  expect(await apart()).toBeLessThan(2);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('+');
  await page.keyboard.press('>');
  expect(await apart()).toBeLessThan(2);

  await page.keyboard.press('l');
  await page.keyboard.press('ArrowLeft');
  expect(await apart()).toBeGreaterThan(4);
  await page.keyboard.press('l');
  await page.keyboard.press('ArrowUp');
  expect(await apart()).toBeGreaterThan(4);
  await page.getByTestId('align-panes').click();
  expect(await apart()).toBeLessThan(2);
});

test('a second slide that does not come says why, and is asked for once more or closed', async () => {
  const none = '00000000-0000-4000-8000-000000000000';
  await show(`heat=none&with=${none}`);
  const waiting = page.getByTestId('second-waiting');
  await expect(waiting.getByRole('alert')).toContainText(/no such slide/i);
  const again = page.waitForRequest(`**/api/slides/${none}`);
  await waiting.getByRole('button', { name: 'Retry' }).click();
  await again;
  await waiting.getByRole('button', { name: 'close' }).click();
  await expect(waiting).toHaveCount(0);
});

test('a second pane whose grades do not come says why, and has them when they are asked for once more', async () => {
  const predictions = '**/api/slides/*/predictions';
  const gone = { error: { code: 'request.refused', message: 'The grades are not to be had.' } };
  await page.route(predictions, (route) => route.fulfill({ status: 404, json: gone }));
  await show(`heat=none&with=${slide.id}`);
  const problem = page.getByTestId('second-pane').getByRole('alert');
  await expect(problem).toContainText('The grades are not to be had.');
  await page.unroute(predictions);
  await problem.getByRole('button', { name: 'Retry' }).click();
  await expect(problem).toHaveCount(0);
});

test('an address that is pasted shows the same', async ({ browser }) => {
  await show(`heat=none&x=900&y=800&z=0.4`);
  await page.keyboard.press('3');
  for (const key of ['.', '.', 'ArrowRight']) await page.keyboard.press(key);
  await page.getByTestId('slide-canvas').click({ position: { x: 500, y: 450 } });
  await expect(page.getByTestId('crop-inspector')).toBeVisible();
  await settled();
  await expect.poll(() => page.url()).toMatch(/&r=30(&|$)/);
  const other = await (await browser.newContext({ storageState: await page.context().storageState() })).newPage();
  await other.goto(page.url());
  await expect(other.getByTestId('crop-inspector')).toBeVisible();
  await settled(other);
  expect(await magnification(other)).toBeCloseTo(10, 3);
  const { mean } = difference(await middleOf('slide-canvas', 400), await middleOf('slide-canvas', 400, other));
  // Places are kept to a whole px.
  expect(mean).toBeLessThan(6);
  await other.context().close();
});

test('on a tablet the panel is a sheet below the slide', async () => {
  await page.setViewportSize({ width: 820, height: 1180 });
  const panel = page.getByLabel('About the slide');
  const top = async () => (await panel.boundingBox())?.y ?? 0;
  expect(await top()).toBeGreaterThan(400);
  const before = await top();
  await page.getByTestId('sheet-grip').focus();
  await page.keyboard.press('ArrowUp');
  await expect.poll(top).toBeLessThan(before - 50);
  await page.setViewportSize({ width: 1440, height: 900 });
});
