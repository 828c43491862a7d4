import type { Problem } from '@stroma/core/errors';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { fenced } from './fenced.ts';
import { type Lease, succeed } from './runs.ts';
import type { DB } from './schema.ts';

/** What is read together: one upload, or a group of them. */
export type Delivery = { uploadId: string } | { groupId: string };

export interface Finding {
  kind: 'slide' | 'refused' | 'left_out' | 'waiting';
  name: string;
  /** Paths inside the upload. */
  files: string[];
  bytes: number;
  slideId?: string;
  /** False when this upload made the slide; true when it was there before. */
  isDuplicate?: boolean;
  problem?: Problem;
  note?: string;
  /** Of the DICOM series whose image has not come. */
  seriesUid?: string;
}

/** Paths kept of one finding: enough to show, and a folder of a million files stays a small row. */
const maxFilesKept = 200;

/** Ends the run of an upload or a group with all that was found in it. A refusal is an answer, not a failure. */
export async function endReading(
  db: Database,
  lease: Lease,
  delivery: Delivery,
  findings: readonly Finding[],
): Promise<void> {
  const slides = findings.filter((finding) => finding.kind === 'slide');
  const refused = findings.find((finding) => finding.kind === 'refused')?.problem;
  const [only] = slides;
  await fenced(db, lease, async (trx) => {
    if ('uploadId' in delivery) await endUpload(trx, delivery.uploadId, findings);
    else await endGroup(trx, delivery.groupId, findings);
    await storeFindings(trx, delivery, findings);
    const slideId = slides.length === 1 ? (only?.slideId ?? null) : null;
    await trx.updateTable('run').set({ slideId }).where('id', '=', lease.runId).execute();
    await succeed(trx, lease, {
      slideId,
      slideIds: slides.map((slide) => slide.slideId),
      duplicate: slides.length > 0 && slides.every((slide) => slide.isDuplicate),
      refused: refused?.code ?? null,
    });
  });
}

async function storeFindings(trx: Transaction<DB>, delivery: Delivery, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const rows = findings.map(({ seriesUid: _, files, slideId, isDuplicate, problem, note, ...finding }) => ({
    ...finding,
    uploadId: 'uploadId' in delivery ? delivery.uploadId : null,
    groupId: 'groupId' in delivery ? delivery.groupId : null,
    files: files.slice(0, maxFilesKept),
    fileCount: files.length,
    slideId: slideId ?? null,
    isDuplicate: isDuplicate ?? false,
    problem: problem ? JSON.stringify(problem) : null,
    note: note ?? null,
  }));
  await trx.insertInto('uploadFinding').values(rows).execute();
}

/** A slide outweighs what was refused beside it; an upload that waits for the rest of its series keeps its file. */
async function endUpload(trx: Transaction<DB>, id: string, findings: readonly Finding[]): Promise<void> {
  const of = (kind: Finding['kind']) => findings.find((finding) => finding.kind === kind);
  const slide = of('slide');
  const waiting = slide ? undefined : of('waiting');
  const status = slide ? 'registered' : waiting ? 'waiting' : 'refused';
  const refusal = status === 'refused' ? (of('refused')?.problem ?? noSlide(findings)) : null;
  await trx
    .updateTable('upload')
    .set({
      status,
      slideId: slide?.slideId ?? null,
      seriesUid: waiting?.seriesUid ?? null,
      refusal: refusal && JSON.stringify(refusal),
      endedAt: sql<Date>`now()`,
    })
    .where('id', '=', id)
    .execute();
}

async function endGroup(trx: Transaction<DB>, id: string, findings: readonly Finding[]): Promise<void> {
  const statuses = { slide: 'registered', refused: 'refused', left_out: 'left_out', waiting: 'refused' } as const;
  const endedAt = sql<Date>`now()`;
  for (const { kind, files, slideId, problem } of findings) {
    await trx
      .updateTable('upload')
      .set({
        status: statuses[kind],
        slideId: slideId ?? null,
        refusal: problem ? JSON.stringify(problem) : null,
        endedAt,
      })
      .where('groupId', '=', id)
      .where('path', '=', sql<string>`any(${files}::text[])`)
      .execute();
  }
  await trx.updateTable('uploadGroup').set({ status: 'read', endedAt }).where('id', '=', id).execute();
}

function noSlide(findings: readonly Finding[]): Problem {
  return {
    code: 'upload.no_slide',
    message: 'There is no slide in this upload.',
    expected: 'at least one slide file, MIRAX folder or DICOM series',
    found: findings.map(({ name, files }) => `${files.length} × ${name}`).join(', ') || 'no file',
    remedy: 'Pack the slide’s files, with their folders, and upload them again.',
  };
}

/** Of uploads and groups, in the order they were found. */
export async function findingsOf(db: Database, uploadIds: readonly string[], groupIds: readonly string[]) {
  return await db
    .selectFrom('uploadFinding')
    .selectAll()
    .where((eb) =>
      eb.or([
        eb('uploadId', '=', sql<string>`any(${uploadIds}::text[])`),
        eb('groupId', '=', sql<string>`any(${groupIds}::uuid[])`),
      ]),
    )
    .orderBy('id')
    .execute();
}
