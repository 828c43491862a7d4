import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cropsOf, shardsOf } from '@stroma/db/stored-crops';
import { type TestDatabase, withSchema } from '../database.ts';
import { makeCohort, type TestCohort } from '../integration/inference-cohort.ts';
import { pythonWith } from '../integration/inference-python.ts';
import { type Chain, startChain } from './inference-chain.ts';

export const python = pythonWith(['torch', 'diffusers', 'pyarrow', 'safetensors']) ?? '';
export const hasHdf5 = python !== '' && pythonWith(['pyarrow', 'h5py']) === python;

/** A cohort whose job has come past E-LDM and the first predictions, by the real trainer. */
export interface TrainedCohort {
  database: TestDatabase;
  cohort: TestCohort;
  chain: Chain;
  runs: { dino: number; embed: number; abmil: number; predict: number; eldm: number };
  /** For files that a test writes. */
  folder: string;
  close(): Promise<void>;
}

export const cropsASlide = 5;

export async function trainCohort(): Promise<TrainedCohort> {
  const folder = await mkdtemp(path.join(tmpdir(), 'stroma-contract-'));
  const database = await withSchema();
  const cohort = await makeCohort(database, { slides: 8, crops: cropsASlide });
  const chain = startChain(database, cohort, python);
  const close = async () => {
    await chain.close();
    await cohort.remove();
    await database.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const { jobId } = cohort;
    const dino = await chain.run({ stage: 'train_dino', jobId });
    const encoder = [{ runId: dino, role: 'encoder' }];
    const embed = await chain.run({ stage: 'embed', jobId, encoder: 'dino', inputs: encoder });
    const bags = [{ runId: embed, role: 'embeddings' }];
    const abmil = await chain.run({ stage: 'train_abmil', jobId, encoder: 'dino', inputs: bags });
    // Without inputs of its own a run builds on its job's latest.
    const predict = await chain.run({ stage: 'predict', jobId, encoder: 'dino' });
    const eldm = await chain.run({ stage: 'train_eldm', jobId, inputs: encoder });
    return { database, cohort, chain, runs: { dino, embed, abmil, predict, eldm }, folder, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Where the JPEGs of a slide's crops lie, in the order of ix. */
export async function places({ database, cohort }: TrainedCohort, cropSetId: number) {
  const shards = await shardsOf(database.db, cropSetId);
  const found: { path: string; offset: number; length: number }[] = [];
  for await (const crops of cropsOf(database.connection, { cropSetId, selection: {} })) {
    for (const { shardIx, byteOffset, byteLength } of crops) {
      const path = cohort.store.localPath(shards[shardIx]?.objectKey ?? '');
      found.push({ path, offset: byteOffset, length: byteLength });
    }
  }
  return found;
}

export async function resultOf({ database }: TrainedCohort, run: number): Promise<Record<string, unknown>> {
  const row = await database.db.selectFrom('run').select('result').where('id', '=', run).executeTakeFirstOrThrow();
  return row.result as Record<string, unknown>;
}
