import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openSlide } from '@stroma/wsi/open-slide';
import type { Rectangle } from '@stroma/wsi/slide-file';
import type { SlideStructure } from '@stroma/wsi/slide-structure';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { largestDifference } from '../fixtures/largest-difference.ts';
import { seededRandom } from '../fixtures/seeded-random.ts';
import { type SlideCase, slideCases } from '../fixtures/slide-cases.ts';
import { pythonWith } from '../integration/inference-python.ts';
import { sharedSlides, temporaryFolder, withOpenSlide, withSharedSlides } from '../unit/wsi-tiff.ts';
import { type OpenSlidePython, startOpenSlidePython } from './openslide-python.ts';

const python = withOpenSlide
  ? pythonWith(['openslide', 'tifffile', 'imagecodecs', 'pydicom', 'wsidicomizer'])
  : undefined;
if (!python) console.log('skipped: no Python with openslide-python and the tools that write slides (STROMA_PYTHON)');
if (!withSharedSlides) console.log('skipped: the real slides, ../shared/data is absent');

const seed = 20_251;
const rectanglesALevel = 8;
const generatedCases = slideCases.filter(({ madeBy }) => madeBy);
const cases = slideCases.filter(({ madeBy }) => madeBy || withSharedSlides);

let folder: string;
let peer: OpenSlidePython;

describe.skipIf(!python)('regions equal openslide-python’s', () => {
  beforeAll(async () => {
    folder = await temporaryFolder();
    peer = startOpenSlidePython(python ?? '');
    for (const program of new Set(generatedCases.map(({ madeBy }) => madeBy ?? ''))) {
      await promisify(execFile)(python ?? '', [path.join(import.meta.dirname, '../fixtures', program), folder]);
    }
  });
  afterAll(async () => {
    peer.close();
    await rm(folder, { recursive: true });
  });

  it.each(cases)('$file by $reader, at most $maxDifference off', async (slideCase) => {
    const file = path.join(slideCase.madeBy ? folder : sharedSlides, slideCase.file);
    const slide = await openSlide(file);
    expect(slide.structure.reader).toBe(slideCase.reader);
    for (const { level, ...rectangle } of rectangles(slide.structure, slideCase)) {
      const { x, y, width, height } = rectangle;
      const ours = await slide.region(level, x, y, width, height);
      const theirs = await peer.region(file, slideCase.reader, level, rectangle);
      const where = `level ${level}, ${width} × ${height} at ${x}, ${y}`;
      expect(largestDifference(ours, theirs), where).toBeLessThanOrEqual(slideCase.maxDifference);
    }
    await slide.close();
  });
});

/** On every level: its four corners with what lies beyond them, and others anywhere. */
function* rectangles({ levels }: SlideStructure, { file }: SlideCase): Generator<Rectangle & { level: number }> {
  const random = seededRandom(seed + [...file].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  for (const { level, width: levelWidth, height: levelHeight } of levels) {
    for (let i = 0; i < rectanglesALevel; i += 1) {
      const width = between(1, Math.min(400, levelWidth + 20));
      const height = between(1, Math.min(400, levelHeight + 20));
      const atCorner = i < 4;
      const x = atCorner ? (i % 2 ? levelWidth - width + 9 : -7) : between(-30, levelWidth);
      const y = atCorner ? (i < 2 ? -5 : levelHeight - height + 8) : between(-30, levelHeight);
      yield { level, x, y, width, height };
    }
  }
}
