import { StromaError } from '@stroma/core/errors';
import type { JobProvenance } from '@stroma/core/http/provenance';
import type { Database } from '@stroma/db/client';
import { embeddedSlides } from '@stroma/db/lineage';
import { trainerRuns } from '@stroma/db/run-list';
import type { ObjectStore } from '@stroma/storage/object-store';
import { isRecord } from '../models/measures.ts';
import { existingJob } from './job-message.ts';

type RunProvenance = JobProvenance['runs'][number];

export async function jobProvenance(db: Database, store: ObjectStore, id: number): Promise<JobProvenance> {
  const job = await existingJob(db, id);
  const [runs, slides] = await Promise.all([trainerRuns(db, id), embeddedSlides(db, id)]);
  const { cohortId, cohortName, preset, seed, mpp, sizePx, stridePx, cropSelection } = job;
  return {
    jobId: id,
    cohortId,
    cohortName,
    preset: preset as JobProvenance['preset'],
    seed,
    mpp,
    sizePx,
    stridePx,
    cropSelection: cropSelection as JobProvenance['cropSelection'],
    runs: await Promise.all(
      runs.map(async ({ encoder, ...run }) => ({
        ...run,
        encoder: encoder as RunProvenance['encoder'],
        ...(await mergedConfig(store, run.id)),
      })),
    ),
    slides: slides.map(({ cropSetId: _, ...slide }) => slide),
  };
}

/** As the trainer wrote it when the run began. */
async function mergedConfig(
  store: ObjectStore,
  runId: number,
): Promise<Pick<RunProvenance, 'settings' | 'replaced' | 'data'>> {
  const key = `runs/${runId}/merged_config.json`;
  if ((await store.size(key)) === undefined) return { settings: {}, replaced: {}, data: {} };
  try {
    const value: unknown = JSON.parse((await store.get(key)).toString('utf8'));
    const settings = isRecord(value) && isRecord(value.settings) ? value.settings : {};
    const replaced = isRecord(value) && isRecord(value.replaced) ? value.replaced : {};
    const found = isRecord(value) && isRecord(value.data) ? Object.entries(value.data) : [];
    return { settings, replaced, data: Object.fromEntries(found.map(([name, sha256]) => [name, String(sha256)])) };
  } catch (error) {
    throw new StromaError(
      {
        code: 'run.config_unreadable',
        message: 'What a run was begun with cannot be read.',
        expected: 'merged_config.json as the trainer writes it',
        found: String(error),
        where: `run ${runId}`,
        remedy: 'Restore the file from a backup.',
      },
      500,
    );
  }
}
