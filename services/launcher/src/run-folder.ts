import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ignoreAlarmsFile } from '@stroma/core/contract/alarm';
import type { RunConfig, TrainerStage } from '@stroma/core/contract/run-directory';
import { StromaError } from '@stroma/core/errors';
import type { Connection } from '@stroma/db/client';
import { inputRun, type JobRow, jobOf, keepCodeRevision } from '@stroma/db/run-inputs';
import type { RunRow } from '@stroma/db/runs';
import type { ObjectStore } from '@stroma/storage/object-store';
import { writeBags } from './bags.ts';
import { writeManifest } from './manifest.ts';
import { writeWhole } from './write-whole.ts';

export interface RunFolderOptions {
  connection: Connection;
  store: ObjectStore;
  threads: number | undefined;
  codeRevision: string;
}

export const runKey = (runId: number) => `runs/${runId}`;

/**
 * Makes a run's directory with its inputs and config.json. config.json is written last: where it is, the inputs are
 * whole and are kept, so that a run that goes on sees what it began with.
 */
export async function prepareRunFolder(options: RunFolderOptions, run: RunRow): Promise<string> {
  const { connection, store } = options;
  const job = await jobOf(connection.db, run);
  const folder = store.localPath(runKey(run.id));
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, 'config.json');
  const before = await readFile(file, 'utf8').catch(() => undefined);
  const inputs = await inputsOf(options, run, job, folder, before === undefined);
  const threads = before === undefined ? options.threads : threadsOf(before);
  const config: RunConfig = {
    version: 1,
    run_id: String(run.id),
    stage: run.stage as RunConfig['stage'],
    preset: job.preset as RunConfig['preset'],
    seed: job.seed,
    code_revision: await keepCodeRevision(connection.db, run, options.codeRevision),
    overrides: { ...overridesOf(job, run.stage), ...(threads ? { threads } : {}) },
    inputs,
  };
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (before === undefined) await writeWhole(file, text);
  else if (before !== text) throw configDiffers(file);
  // Not a setting: what is trained stays the same, and so does config.json.
  if ((run.config as { ignoreAlarms?: boolean }).ignoreAlarms)
    await writeWhole(path.join(folder, ignoreAlarmsFile), '');
  return folder;
}

/** By stage what the contract names; `fresh`: no earlier claim has written the inputs. */
async function inputsOf(
  { connection, store }: RunFolderOptions,
  run: RunRow,
  job: JobRow,
  folder: string,
  fresh: boolean,
): Promise<Record<string, string>> {
  const folderOf = async (stage: TrainerStage) => store.localPath(runKey(await inputRun(connection.db, run, stage)));
  if (run.stage === 'train_abmil') {
    const encoder = run.encoder as 'dino' | 'gen_dino' | null;
    const embedRun = await inputRun(connection.db, run, 'embed', encoder ?? undefined);
    if (fresh) await writeBags(connection, store, job, embedRun, folder);
    return { bags: path.join(folder, 'bags.json') };
  }
  if (fresh) await writeManifest(connection, store, job, folder);
  const manifest = path.join(folder, 'manifest.json');
  if (run.stage === 'train_eldm') return { manifest, encoder: await folderOf('train_dino') };
  if (run.stage === 'synthesize') {
    return { manifest, encoder: await folderOf('train_dino'), eldm: await folderOf('train_eldm') };
  }
  if (run.stage === 'evaluate') {
    const synthetic = { synthetic: await folderOf('synthesize'), eldm: await folderOf('train_eldm') };
    return {
      manifest,
      encoder: await folderOf('train_dino'),
      gen_encoder: await folderOf('train_gen_dino'),
      ...synthetic,
    };
  }
  if (run.stage === 'train_gen_dino') return { manifest, synthetic: await folderOf('synthesize') };
  return { manifest };
}

function overridesOf(job: JobRow, stage: string): Record<string, unknown> {
  const all = job.overrides as Record<string, Record<string, unknown>> | null;
  return all?.[stage] ?? {};
}

/** The threads a run was begun with stay: another number would change the last bits of its sums. */
function threadsOf(config: string): number | undefined {
  const { overrides } = JSON.parse(config) as RunConfig;
  return typeof overrides.threads === 'number' ? overrides.threads : undefined;
}

function configDiffers(file: string): StromaError {
  return new StromaError({
    code: 'run.config_differs',
    message: 'The run was begun with other settings than it has now.',
    expected: 'the settings that its checkpoint was made with',
    found: 'another preset, seed, override or input',
    where: file,
    remedy: 'Start a new job with the new settings; the old one goes on only with its own.',
  });
}
