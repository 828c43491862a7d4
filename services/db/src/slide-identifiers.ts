import type { Transaction } from 'kysely';
import { type Database, sql } from './client.ts';
import type { DB } from './schema.ts';

/** A kind that a slide's files hold; never the value. */
export interface SlideIdentifier {
  kind: string;
  /** A picture, of the label for example, rather than a field. */
  isImage: boolean;
  place: string;
  occurrences: number;
  hint: string | null;
}

/** What a look through a slide's files found; it replaces what an earlier one did. */
export async function storeIdentifiers(
  trx: Transaction<DB>,
  slideId: string,
  found: readonly SlideIdentifier[],
): Promise<void> {
  await trx.deleteFrom('slideIdentifier').where('slideId', '=', slideId).execute();
  if (found.length > 0) {
    await trx
      .insertInto('slideIdentifier')
      .values(found.map((each) => ({ slideId, ...each })))
      .execute();
  }
  await trx.updateTable('slide').set({ identifiersAt: sql<Date>`now()` }).where('id', '=', slideId).execute();
}

export async function slideIdentifiers(db: Database, slideId: string): Promise<SlideIdentifier[]> {
  return await db
    .selectFrom('slideIdentifier')
    .select(['kind', 'isImage', 'place', 'occurrences', 'hint'])
    .where('slideId', '=', slideId)
    .orderBy('isImage', 'desc')
    .orderBy('kind')
    .execute();
}

/** How many fields and images were found on a slide; null for one that was not looked through. */
export const identifyingCount = sql<{ fields: number; images: number } | null>`(
  select case when slide.identifiers_at is null then null else json_build_object(
    'fields', count(*) filter (where not is_image), 'images', count(*) filter (where is_image)) end
  from slide_identifier where slide_identifier.slide_id = slide.id)`;

export type IdentifyingFilter = 'found' | 'none' | 'unknown';

/** The condition on `slide` of a filter by what was found. */
export function hasIdentifying(filter: IdentifyingFilter) {
  if (filter === 'unknown') return sql<boolean>`slide.identifiers_at is null`;
  const found = sql`exists (select from slide_identifier where slide_identifier.slide_id = slide.id)`;
  return filter === 'found' ? sql<boolean>`${found}` : sql<boolean>`slide.identifiers_at is not null and not ${found}`;
}
