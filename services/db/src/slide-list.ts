import type { Problem } from '@stroma/core/errors';
import type { PixelSpacing } from '@stroma/core/units';
import type { SelectQueryBuilder, Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import { cropsAreStale } from './crop-sets.ts';
import { slideGradings } from './gradings.ts';
import type { DB } from './schema.ts';
import { duplicateCount } from './slide-duplicates.ts';
import { identifyingCount } from './slide-identifiers.ts';
import { type SlidePage, slidePage } from './slide-page.ts';
import { newestGrade, slideMembership } from './slide-standing.ts';

export interface SlideCropSet {
  id: number;
  mpp: number;
  effectiveMpp: PixelSpacing | null;
  sizePx: number;
  stridePx: number;
  stale: boolean;
  status: 'queued' | 'ready' | 'failed';
  cropCount: number | null;
  /** Of its last tile run. */
  error: Problem | null;
}

/** A page of slides, newest first unless another order is asked for. `next` is where the following page starts. */
export async function listSlides(db: Database, wanted: SlidePage) {
  const { ids, total, next } = await slidePage(db, wanted);
  const rows = await slideColumns(db.selectFrom('slide'))
    .where('slide.id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
  const byId = new Map(rows.map((row) => [row.id, row]));
  // A slide may have been deleted between the two statements.
  return { slides: ids.flatMap((id) => byId.get(id) ?? []), total, next };
}

export async function findSlide(db: Database, id: string) {
  return await slideColumns(db.selectFrom('slide')).where('slide.id', '=', id).executeTakeFirst();
}

export type SlideRow = NonNullable<Awaited<ReturnType<typeof findSlide>>>;

function slideColumns(from: SelectQueryBuilder<DB, 'slide', object>) {
  return from
    .select([
      'slide.id',
      'slide.name',
      'slide.sha256',
      'slide.bytes',
      'slide.reader',
      'slide.format',
      'slide.vendor',
      'slide.objective',
      'slide.width0',
      'slide.height0',
      'slide.mppX',
      'slide.mppY',
      'slide.mppSource',
      'slide.scaleState',
      'slide.scaleChoice',
      'slide.mppDeclaredX',
      'slide.mppDeclaredY',
      'slide.mppDerivedX',
      'slide.mppDerivedY',
      'slide.mppUserX',
      'slide.mppUserY',
      'slide.quirks',
      'slide.createdAt',
      'slide.objectKey',
      'slide.thumbnailKey',
    ])
    .select(identifyingCount.as('identifying'))
    .select(duplicateCount.as('duplicates'))
    .select(slideGradings.as('gradings'))
    .select(slideMembership.as('membership'))
    .select(newestGrade.as('grade'))
    .select(
      // Written out, because nested objects keep the keys they are built with.
      sql<SlideCropSet[]>`(
        select coalesce(json_agg(json_build_object('id', crop_set.id, 'mpp', crop_set.mpp, 'sizePx', crop_set.size_px,
            'stridePx', crop_set.stride_px,
            'effectiveMpp', case when crop_set.effective_mpp_x is not null then
              json_build_object('x', crop_set.effective_mpp_x, 'y', crop_set.effective_mpp_y) end,
            'stale', ${cropsAreStale},
            'status', crop_set.status, 'cropCount', crop_set.crop_count, 'error', case when crop_set.status <> 'ready' then (
              select run.error from run
              where run.stage = 'tile' and run.slide_id = crop_set.slide_id
                and (run.config->>'cropSetId')::int = crop_set.id
              order by run.id desc limit 1) end)
          order by crop_set.mpp, crop_set.id), '[]')
        from crop_set where crop_set.slide_id = slide.id)`.as('cropSets'),
    )
    .select((eb) =>
      eb
        .selectFrom('slideFile')
        .whereRef('slideFile.slideId', '=', 'slide.id')
        .select((count) => count.fn.countAll<number>().as('count'))
        .$asScalar()
        .$notNull()
        .as('fileCount'),
    );
}

export async function slideLevels(db: Database, slideId: string) {
  return await db
    .selectFrom('slideLevel')
    .select(['level', 'width', 'height', 'tileWidth', 'tileHeight', 'downsampleX'])
    .where('slideId', '=', slideId)
    .orderBy('level')
    .execute();
}

/** The file that opens the slide first. */
export async function slideFiles(db: Database, slideId: string) {
  return await db
    .selectFrom('slideFile')
    .select(['path', 'objectKey', 'bytes', 'sha256', 'role'])
    .where('slideId', '=', slideId)
    .orderBy(sql`role <> 'entry'`)
    .orderBy('path')
    .execute();
}

/** What decides whether slides can be cut at some mpp. */
export async function slideScales(db: Database | Transaction<DB>, slideIds: readonly string[]) {
  return await db
    .selectFrom('slide')
    .select(['id', 'name', 'mppX', 'mppY', 'scaleState'])
    .where('id', '=', sql<string>`any(${slideIds}::uuid[])`)
    .orderBy('name')
    .execute();
}
