import { type Database, sql } from './client.ts';
import { type CohortEmbeddingSet, cohortEmbeddingSets } from './embedding-sets.ts';
import { doneRun, type Encoder } from './run-inputs.ts';

interface Exported {
  jobId: number;
  cohortId: number;
  encoder: Encoder;
}

/** The slides that an export of these embeddings holds; of their scores, those that were graded. None before that is done. */
export async function exportedSets(
  db: Database,
  { jobId, cohortId, encoder, scores }: Exported & { scores: boolean },
): Promise<CohortEmbeddingSet[]> {
  const embedRun = await doneRun(db, jobId, 'embed', encoder);
  if (embedRun === undefined) return [];
  const sets = await cohortEmbeddingSets(db, embedRun, cohortId);
  if (!scores) return sets;
  const predictRun = await doneRun(db, jobId, 'predict', encoder);
  if (predictRun === undefined) return [];
  const graded = await db.selectFrom('prediction').select('slideId').where('runId', '=', predictRun).execute();
  const ids = new Set(graded.map(({ slideId }) => slideId));
  return sets.filter(({ slideId }) => ids.has(slideId));
}

/** Bytes a second of the last export in each layout; a layout that was never written is absent. */
export async function exportRates(db: Database): Promise<Map<string, number>> {
  const { rows } = await sql<{ layout: string; rate: number }>`
    select distinct on (layout) layout, bytes / greatest((run.result->>'seconds')::float, 0.001) as rate
    from export join run on run.id = export.run_id
    where export.status = 'ready' and bytes is not null and run.result->>'seconds' is not null
    order by layout, export.id desc`.execute(db);
  return new Map(rows.map(({ layout, rate }) => [layout, rate]));
}
