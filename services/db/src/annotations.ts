import type { AnnotationContent, Classification } from '@stroma/core/annotation/geojson';
import type { AnnotationGeometry } from '@stroma/core/annotation/geometry';
import { type AnnotationKind, boundsOf, kindOf, vertexCount } from '@stroma/core/annotation/measure';
import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import type { Box0 } from './crops-in-box.ts';
import type { DB } from './schema.ts';

type Connected = Database | Transaction<DB>;

export interface AnnotationPage {
  slideId: string;
  box?: Box0 | undefined;
  limit: number;
  /** A page ends before its outlines have more positions than this; it holds one annotation at least. */
  mostVertices: number;
  after?: number | undefined;
}

/** In the order of their making. `next` is where the following page starts. */
export async function listAnnotations(db: Connected, { slideId, box, limit, mostVertices, after = 0 }: AnnotationPage) {
  const rows = await db
    .with('page', (cte) =>
      cte
        .selectFrom('annotation')
        .select(['slideId', 'id'])
        .select(sql<number>`sum(vertex_count) over (order by ix)`.as('vertices'))
        .select(sql<number>`row_number() over (order by ix)`.as('place'))
        .where('slideId', '=', slideId)
        .where('deletedAt', 'is', null)
        .where('ix', '>', after)
        .$if(box !== undefined, (query) =>
          query
            .where('left0', '<=', (box?.x0 ?? 0) + (box?.width0 ?? 0))
            .where('right0', '>=', box?.x0 ?? 0)
            .where('top0', '<=', (box?.y0 ?? 0) + (box?.height0 ?? 0))
            .where('bottom0', '>=', box?.y0 ?? 0),
        )
        .orderBy('ix')
        .limit(limit + 1),
    )
    .selectFrom('page')
    .innerJoin('annotation', (join) =>
      join.onRef('annotation.slideId', '=', 'page.slideId').onRef('annotation.id', '=', 'page.id'),
    )
    .leftJoin('appUser', 'appUser.id', 'annotation.createdBy')
    .select(columns)
    .select(sql<number>`(select count(*) from page)`.as('found'))
    .where((where) => where.or([where('page.place', '=', 1), where('page.vertices', '<=', mostVertices)]))
    .orderBy('annotation.ix')
    .execute();
  const page = rows.slice(0, limit);
  const found = rows[0]?.found ?? 0;
  return { annotations: page.map(asAnnotation), next: found > page.length ? (page.at(-1)?.ix ?? null) : null };
}

export async function annotationTotals(db: Connected, slideId: string): Promise<{ count: number; vertices: number }> {
  return await db
    .selectFrom('annotation')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .select(sql<number>`coalesce(sum(vertex_count), 0)::bigint`.as('vertices'))
    .where('slideId', '=', slideId)
    .where('deletedAt', 'is', null)
    .executeTakeFirstOrThrow();
}

export async function findAnnotation(db: Connected, slideId: string, id: string) {
  const row = await db
    .selectFrom('annotation')
    .leftJoin('appUser', 'appUser.id', 'annotation.createdBy')
    .select(columns)
    .where('annotation.slideId', '=', slideId)
    .where('annotation.id', '=', id)
    .executeTakeFirst();
  return row && asAnnotation(row);
}

export type AnnotationRow = NonNullable<Awaited<ReturnType<typeof findAnnotation>>>;

/** Its id, or undefined when the slide has one of this id, deleted or not. */
export async function insertAnnotation(
  db: Connected,
  slideId: string,
  content: AnnotationContent,
  userId: string,
): Promise<string | undefined> {
  const { id } = content;
  const row = await db
    .insertInto('annotation')
    .values({ slideId, ...(id === null ? {} : { id }), ...contentColumns(content), createdBy: userId })
    .onConflict((conflict) => conflict.columns(['slideId', 'id']).doNothing())
    .returning('id')
    .executeTakeFirst();
  return row?.id;
}

/** Whether it was changed: not when its version is another by now. */
export async function updateAnnotation(
  db: Connected,
  { slideId, id, version }: { slideId: string; id: string; version: number },
  change: { content: AnnotationContent } | { deleted: boolean },
): Promise<boolean> {
  const values =
    'content' in change ? contentColumns(change.content) : { deletedAt: change.deleted ? sql<Date>`now()` : null };
  const { numUpdatedRows } = await db
    .updateTable('annotation')
    .set({ ...values, updatedAt: sql<Date>`now()`, version: version + 1 })
    .where('slideId', '=', slideId)
    .where('id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Those of a slide that were deleted more than a day ago. */
export async function forgetDeleted(db: Connected, slideId: string): Promise<void> {
  await db
    .deleteFrom('annotation')
    .where('slideId', '=', slideId)
    .where('deletedAt', '<', sql<Date>`now() - interval '1 day'`)
    .execute();
}

export function contentColumns({ geometry, name, classification, colour, isLocked }: Omit<AnnotationContent, 'id'>) {
  return {
    kind: kindOf(geometry),
    geometry: JSON.stringify(geometry),
    vertexCount: vertexCount(geometry),
    ...boundsOf(geometry),
    name,
    className: classification?.name ?? null,
    classColour: classification?.colour ?? null,
    colour,
    isLocked,
  };
}

const columns = [
  'annotation.id',
  'annotation.ix',
  'annotation.kind',
  'annotation.geometry',
  'annotation.name',
  'annotation.className',
  'annotation.classColour',
  'annotation.colour',
  'annotation.isLocked',
  'annotation.createdBy',
  'appUser.name as author',
  'annotation.version',
  'annotation.createdAt',
  'annotation.updatedAt',
  'annotation.deletedAt',
] as const;

function asAnnotation<
  Row extends { kind: string; geometry: unknown; className: string | null; classColour: string | null },
>({ kind, geometry, className, classColour, ...row }: Row) {
  const classification: Classification | null = className === null ? null : { name: className, colour: classColour };
  return { ...row, kind: kind as AnnotationKind, geometry: geometry as AnnotationGeometry, classification };
}
