import type { AnnotationContent } from '@stroma/core/annotation/geojson';
import type { Transaction } from 'kysely';
import { contentColumns } from './annotations.ts';
import { type Database, sql } from './client.ts';
import type { DB } from './schema.ts';

type Connected = Database | Transaction<DB>;

/** Everything that an import takes, ready to be written: outlines as text take a tenth of what they take as lists. */
export type PreparedAnnotation = ReturnType<typeof contentColumns> & { id: string | null };

export const prepareAnnotation = ({ id, ...content }: AnnotationContent): PreparedAnnotation => ({
  id,
  ...contentColumns(content),
});

export interface KnownAnnotation {
  id: string;
  createdBy: string | null;
  isLocked: boolean;
  vertexCount: number;
}

/** Of these ids, those that the slide has. */
export async function knownAnnotations(
  db: Connected,
  slideId: string,
  ids: readonly string[],
): Promise<KnownAnnotation[]> {
  return await db
    .selectFrom('annotation')
    .select(['id', 'createdBy', 'isLocked', 'vertexCount'])
    .where('slideId', '=', slideId)
    .where('deletedAt', 'is', null)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
}

/** One writer at a time for a slide's annotations, so that its bounds hold. */
export async function lockAnnotations(trx: Transaction<DB>, slideId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`annotations ${slideId}`}, 0))`.execute(trx);
}

/** Those that are there already, also deleted ones, are replaced and keep their author. */
export async function writeAnnotations(
  trx: Transaction<DB>,
  { slideId, userId }: { slideId: string; userId: string },
  annotations: readonly PreparedAnnotation[],
): Promise<void> {
  const batch = 500;
  for (let from = 0; from < annotations.length; from += batch) {
    const rows = annotations.slice(from, from + batch).map(({ id, ...columns }) => ({
      slideId,
      ...columns,
      id: id ?? sql<string>`gen_random_uuid()`,
      createdBy: userId,
    }));
    await trx
      .insertInto('annotation')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['slideId', 'id']).doUpdateSet((eb) => ({
          kind: eb.ref('excluded.kind'),
          geometry: eb.ref('excluded.geometry'),
          vertexCount: eb.ref('excluded.vertexCount'),
          left0: eb.ref('excluded.left0'),
          top0: eb.ref('excluded.top0'),
          right0: eb.ref('excluded.right0'),
          bottom0: eb.ref('excluded.bottom0'),
          name: eb.ref('excluded.name'),
          className: eb.ref('excluded.className'),
          classColour: eb.ref('excluded.classColour'),
          colour: eb.ref('excluded.colour'),
          isLocked: eb.ref('excluded.isLocked'),
          updatedAt: sql<Date>`now()`,
          version: sql<number>`annotation.version + 1`,
          deletedAt: null,
        })),
      )
      .execute();
  }
}
