/** Draws the benchmark's own slide: `tsx test/bench/ingest-slide.ts FILE`. A process of its own keeps its memory apart. */
import { Random } from '@stroma/infra/demo/cohort-generator-random';
import { drawSlide, writeSlide } from '@stroma/infra/demo/cohort-generator-slide';
import { sites } from '@stroma/infra/demo/cohort-generator-stain';
import { makeTextures } from '@stroma/infra/demo/cohort-generator-tissue';

const width = 2560;
const height = 2048;
/** The drawing is repeated this often to each side: some 500 crops at 0.5 µm/px. */
const repeat = 4;

const [file] = process.argv.slice(2);
const [site] = sites;
if (!file || !site) throw new Error('name a file');
const textures = makeTextures(Random.of(7, 0));
const drawing = drawSlide({ width, height, grade: 'gleason3', site, textures, seed: 7 });
const line = width * 3;
const whole = Buffer.allocUnsafe(drawing.length * repeat * repeat);
for (let y = 0; y < height * repeat; y += 1) {
  const from = (y % height) * line;
  for (let i = 0; i < repeat; i += 1) drawing.copy(whole, (y * repeat + i) * line, from, from + line);
}
await writeSlide(file, whole, width * repeat, height * repeat);
