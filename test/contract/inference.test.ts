import { afterAll, beforeAll, describe } from 'vitest';
import { python, type TrainedCohort, trainCohort } from './inference-context.ts';
import { embeddingTests } from './inference-embedding-tests.ts';
import { engineTests } from './inference-engine-tests.ts';
import { exportTests } from './inference-export-tests.ts';
import { gradingTests } from './inference-grading-tests.ts';
import { int8Tests } from './inference-int8-tests.ts';
import { interpolationTests } from './inference-interpolation-tests.ts';
import { patchAttentionTests } from './inference-patch-attention-tests.ts';
import { predictionTests } from './inference-prediction-tests.ts';

if (!python) console.log('skipped: no Python with the trainer’s packages (STROMA_PYTHON)');

// One training serves all of them: it is what takes the time.
describe.skipIf(!python)('the inference service beside Python', { timeout: 120_000 }, () => {
  let trained: TrainedCohort;
  beforeAll(async () => {
    trained = await trainCohort();
  }, 900_000);
  afterAll(() => trained?.close());

  describe('embeddings', () => embeddingTests(() => trained));
  describe('encoders of 8-bit products', () => int8Tests(() => trained));
  describe('where the encoder looks in a crop', () => patchAttentionTests(() => trained));
  describe('predictions', () => predictionTests(() => trained));
  describe('interpolations', () => interpolationTests(() => trained));
  describe('exports', () => exportTests(() => trained));
  describe('gradings on arrival', () => gradingTests(() => trained));
  describe('the engine', () => engineTests(() => trained));
});
