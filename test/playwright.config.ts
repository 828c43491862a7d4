import { defineConfig } from '@playwright/test';
import { chromiumPath } from '@stroma/infra/setup/chromium';

const executablePath = chromiumPath();

/** The whole platform in a real browser, one test after the other: they share one platform and build on each other. */
export default defineConfig({
  testDir: './e2e',
  outputDir: '../.cache/e2e',
  timeout: 15 * 60_000,
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // What is waited for is computed beside a browser and a platform, on as few as two cores.
  expect: { timeout: 30_000 },
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : 'list',
  use: {
    viewport: { width: 1440, height: 900 },
    actionTimeout: 30_000,
    // A sign that turns is drawn by the cores that the platform computes on.
    contextOptions: { reducedMotion: 'reduce' },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
    },
  },
});
