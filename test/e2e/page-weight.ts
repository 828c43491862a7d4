import type { Page } from '@playwright/test';

export interface PageWeight {
  path: string;
  /** Scripts as they crossed the wire: compressed, those fetched ahead for other pages among them. */
  scriptBytes: number;
  scripts: { file: string; bytes: number }[];
}

/** Opens a page with an empty cache and sums its scripts until nothing is fetched any more. */
export async function weighPage(page: Page, origin: string, path: string): Promise<PageWeight> {
  const session = await page.context().newCDPSession(page);
  const urls = new Map<string, string>();
  const scripts: PageWeight['scripts'] = [];
  session.on('Network.responseReceived', ({ requestId, type, response }) => {
    if (type === 'Script' || response.mimeType.endsWith('javascript')) urls.set(requestId, response.url);
  });
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const url = urls.get(requestId);
    if (url) scripts.push({ file: new URL(url).pathname, bytes: encodedDataLength });
  });
  await session.send('Network.enable');
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(origin + path);
  await quiet(page);
  await session.detach();
  return { path, scriptBytes: scripts.reduce((sum, script) => sum + script.bytes, 0), scripts };
}

/** An event stream is never idle, so it is scripts alone that have to stay away for a second. */
async function quiet(page: Page): Promise<void> {
  let last = Date.now();
  const heard = (request: { resourceType(): string }) => {
    if (request.resourceType() === 'script') last = Date.now();
  };
  page.on('requestfinished', heard);
  while (Date.now() - last < 1000) await page.waitForTimeout(100);
  page.off('requestfinished', heard);
}
