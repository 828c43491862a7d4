import { type Database, sql } from './client.ts';

/**
 * Files of one DICOM series may come in several uploads, read by several workers: one at a time. The lock ends with the
 * work, and with a worker that dies.
 */
export async function lockSeries<T>(db: Database, seriesUid: string, work: () => Promise<T>): Promise<T> {
  return await db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(hashtextextended(${`series ${seriesUid}`}, 0))`.execute(trx);
    return await work();
  });
}

/** Slides of a series, newest first, with their files. inUse: something was made of it, so it has to stay as it is. */
export async function slidesOfSeries(db: Database, seriesUid: string) {
  const slides = await db
    .selectFrom('slide')
    .select(['id', 'name', 'objectKey', 'thumbnailKey'])
    .select((eb) => {
      const used = (['cropSet', 'cohortSlide', 'embeddingSet', 'prediction', 'annotation'] as const).map((table) =>
        eb.exists(eb.selectFrom(table).select(`${table}.slideId`).whereRef(`${table}.slideId`, '=', 'slide.id')),
      );
      return eb.or(used).as('inUse');
    })
    .where('seriesUid', '=', seriesUid)
    .orderBy('createdAt', 'desc')
    .execute();
  const files = await db
    .selectFrom('slideFile')
    .selectAll()
    .where('slideId', '=', sql<string>`any(${slides.map((slide) => slide.id)}::uuid[])`)
    .execute();
  return slides.map((slide) => ({
    ...slide,
    inUse: Boolean(slide.inUse),
    files: files.filter((file) => file.slideId === slide.id),
  }));
}

/** Uploads that wait for the image of their series. */
export async function waitingUploads(db: Database, seriesUid: string) {
  return await db
    .selectFrom('upload')
    .select(['id', 'fileName', 'bytes'])
    .where('status', '=', 'waiting')
    .where('seriesUid', '=', seriesUid)
    .orderBy('createdAt')
    .execute();
}

/** The image has come: what waited for it is part of the slide now. */
export async function endWaiting(db: Database, uploadIds: readonly string[], slideId: string): Promise<void> {
  if (uploadIds.length === 0) return;
  await db.transaction().execute(async (trx) => {
    await trx
      .updateTable('upload')
      .set({ status: 'registered', slideId, endedAt: sql<Date>`now()` })
      .where('id', 'in', [...uploadIds])
      .where('status', '=', 'waiting')
      .execute();
    await trx
      .updateTable('uploadFinding')
      .set({ kind: 'slide', slideId, note: null })
      .where('uploadId', 'in', [...uploadIds])
      .where('kind', '=', 'waiting')
      .execute();
  });
}
