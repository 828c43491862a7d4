/**
 * A heat map of 100,000 crops in a real browser: `npm run bench:heat -- [--json] [--crops N]`. How long until it is drawn
 * after the page was opened and after its scores were asked for, and the frames a second of a slide that is panned and
 * zoomed with the heat map, beside the same without it. The last line is one JSON object.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import { chromiumPath } from '@stroma/infra/setup/chromium';
import { type StartedPlatform, startedPlatform, temporaryData } from '../platform.ts';
import { insertScoredSlide } from '../scored-slide.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, crops: { type: 'string', default: '100000' } },
});
const crops = Number(values.crops);
const openings = 5;
const rounds = 3;
const say = (line: string) => !values.json && process.stderr.write(`${line}\n`);

/** Runs in the page: marks the first frame with a heat map in the page's own clock. */
const noteDrawn = `new MutationObserver((_, seen) => {
  if (!document.querySelector('[data-testid=heat-map][data-drawn=true]')) return;
  seen.disconnect();
  requestAnimationFrame(() => performance.mark('heat drawn'));
}).observe(document, { subtree: true, childList: true, attributes: true });`;

/** Runs in the page for two seconds while the slide moves: frames a second. */
const countFrames = `new Promise((resolve) => {
  const startedAt = performance.now();
  let frames = 0;
  const tick = (now) => {
    frames += 1;
    if (now - startedAt < 2000) requestAnimationFrame(tick);
    else resolve((frames * 1000) / (now - startedAt));
  };
  requestAnimationFrame(tick);
})`;

/** Runs in the page: ms since the navigation began, and since the scores were asked for. */
const openedIn = `(() => {
  const drawn = performance.getEntriesByName('heat drawn')[0].startTime;
  const asked = performance.getEntriesByType('resource').find(({ name }) => name.endsWith('/scores')).startTime;
  return { drawnMs: drawn, afterAskedMs: drawn - asked };
})()`;

/** Runs in the page: what draws. */
const rendererOf = `(() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const names = gl?.getExtension('WEBGL_debug_renderer_info');
  return gl && names ? gl.getParameter(names.UNMASKED_RENDERER_WEBGL) : 'no WebGL 2';
})()`;

const data = await temporaryData();
let platform: StartedPlatform | undefined;
let browser: Browser | undefined;
try {
  platform = await startedPlatform(path.join(data.folder, 'stroma'));
  const slide = await insertScoredSlide(platform, path.join(data.folder, 'made'), crops);
  const executablePath = chromiumPath();
  browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ['--headless', '--no-sandbox', '--disable-background-networking'],
  });
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  await page.goto(slide.link);
  await page.addInitScript({ content: noteDrawn });
  const times: { drawnMs: number; afterAskedMs: number }[] = [];
  for (let i = 0; i < openings; i += 1) {
    // What was fetched once is kept for good, so each opening asks anew.
    const client = await page.context().newCDPSession(page);
    await client.send('Network.clearBrowserCache');
    await page.goto(`${platform.url}/slides/${slide.slideId}`);
    await page.locator('[data-testid=heat-map][data-drawn=true]').waitFor();
    times.push((await page.evaluate(openedIn)) as (typeof times)[number]);
    say(`opened: ${JSON.stringify(times.at(-1))}`);
  }
  const painter = await page.getByTestId('heat-map').getAttribute('data-painter');
  const renderer = await page.evaluate(rendererOf);
  const withHeat: number[] = [];
  const without: number[] = [];
  for (let i = 0; i < rounds; i += 1) {
    withHeat.push(await moved(page));
    await page.keyboard.press('h');
    without.push(await moved(page));
    await page.keyboard.press('h');
  }
  const best = (all: number[]) => Math.max(...all);
  const report = {
    figureIs: 'ms until the heat map is drawn; frames a second while the slide is panned and zoomed, best of three',
    crops,
    painter,
    renderer,
    drawnMs: Math.min(...times.map((time) => time.drawnMs)),
    drawnAfterScoresWereAskedForMs: Math.min(...times.map((time) => time.afterAskedMs)),
    framesPerS: best(withHeat),
    framesPerSWithoutHeatMap: best(without),
    ratioToWithout: best(withHeat) / best(without),
  };
  console.log(JSON.stringify(report));
} finally {
  await browser?.close();
  await platform?.stop();
  await data.remove();
}

/** Keys go on moving the slide as long as frames are counted. */
async function moved(page: Page): Promise<number> {
  await page.getByTestId('slide-canvas').click({ position: { x: 500, y: 400 } });
  await page.keyboard.press('0');
  await page.waitForTimeout(800);
  const counted = page.evaluate(countFrames) as Promise<number>;
  for (const key of ['+', 'ArrowRight', '+', 'ArrowDown', '-', 'ArrowLeft', '+', 'ArrowUp', '-', 'ArrowRight']) {
    await page.keyboard.press(key);
    await page.waitForTimeout(180);
  }
  return await counted;
}
