import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;

/** Unit tests touch no database and no network; integration and contract tests share one embedded Postgres. */
export default defineConfig({
  test: {
    root,
    // Two cores: more files at once only make each other slower.
    maxWorkers: 2,
    projects: [
      { test: { name: 'unit', root, include: ['unit/**/*.test.ts'], globalSetup: ['./openslide-for-tests.ts'] } },
      {
        test: {
          name: 'integration',
          root,
          include: ['integration/**/*.test.ts'],
          globalSetup: ['./openslide-for-tests.ts', './postgres-for-tests.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'contract',
          root,
          include: ['contract/**/*.test.ts'],
          globalSetup: ['./openslide-for-tests.ts', './postgres-for-tests.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
