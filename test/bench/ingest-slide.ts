/** Draws the benchmark's own region: `tsx test/bench/ingest-slide.ts FILE`. A process of its own keeps its memory apart. */
import { Random } from '@stroma/infra/demo/cohort-generator-random';
import { drawSlide, writeSlide } from '@stroma/infra/demo/cohort-generator-slide';
import { sites } from '@stroma/infra/demo/cohort-generator-stain';
import { makeTextures } from '@stroma/infra/demo/cohort-generator-tissue';

const width = 2560;
const height = 2048;

const [file] = process.argv.slice(2);
const [site] = sites;
if (!file || !site) throw new Error('name a file');
const textures = makeTextures(Random.of(7, 0));
await writeSlide(file, drawSlide({ width, height, grade: 'gleason3', site, textures, seed: 7 }), width, height);
