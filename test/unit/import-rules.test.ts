import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Breach, breaches, sourcesBelow } from './import-rules.ts';
import { networkFiles, stageFiles, trainerBreaches } from './trainer-rules.ts';

const root = path.join(import.meta.dirname, '..', '..');
const inWords = (found: Breach[]) => found.map(({ from, imports, rule }) => `${from} imports ${imports}: ${rule}`);

test('no room imports one that services/README.md does not let it', () => {
  const files = ['services', 'web', 'infra'].flatMap((folder) => sourcesBelow(root, folder, /\.(ts|tsx|mts|mjs)$/));
  expect(files.length).toBeGreaterThan(60);
  expect(inWords(breaches(files))).toEqual([]);
});

test('no stage of the trainer imports another, and no network reaches data or training', () => {
  const files = sourcesBelow(root, 'services/trainer/stroma_trainer', /\.py$/);
  const names = files.map((file) => path.basename(file.path, '.py'));
  expect(names).toEqual(expect.arrayContaining([...stageFiles, ...networkFiles]));
  expect(inWords(trainerBreaches(files))).toEqual([]);
});

describe('the checker itself', () => {
  const breachesOf = (at: string, text: string) => inWords(breaches([{ path: at, text }]));

  test.each([
    ['services/api/src/app.ts', "import { tile } from '@stroma/ingest/tile';"],
    ['services/core/src/units.ts', "import type { Database } from '@stroma/db/client';"],
    ['services/ingest/src/main.ts', "export { start } from '../../api/src/app.ts';"],
    ['web/app/page.tsx', "const db = await import('@stroma/db/client');"],
    ['infra/demo.ts', "import '@stroma/wsi/tiff-file';"],
    ['services/db/src/client.ts', "import {\n  openStore,\n} from '@stroma/storage/open-store';"],
  ])('%s may not hold %s', (at, text) => {
    expect(breachesOf(at, text)).toHaveLength(1);
    expect(breachesOf(at, text)[0]).toContain(at);
  });

  test.each([
    ['services/api/src/app.ts', "import { claim } from '@stroma/db/runs';"],
    ['web/app/page.tsx', "import { Me } from '@stroma/core/http/account';"],
    ['test/unit/any.test.ts', "import { tile } from '@stroma/ingest/tile';"],
    ['services/api/src/app.ts', "import fastify from 'fastify';\nimport { a } from './b.ts';"],
  ])('%s may hold %s', (at, text) => {
    expect(breachesOf(at, text)).toEqual([]);
  });

  test('a network that reaches data through another file is told with the whole path', () => {
    const found = trainerBreaches([
      { path: 'vit.py', text: 'from stroma_trainer.device import prepare' },
      { path: 'device.py', text: 'from stroma_trainer import crops' },
      { path: 'train_eldm.py', text: 'from stroma_trainer.train_dino import Student' },
    ]);
    expect(inWords(found)).toEqual([
      'train_eldm.py imports train_dino: no file imports a stage; __main__ starts them',
      'vit.py imports device → crops: a network knows nothing of data or training',
    ]);
  });
});
