import type { SlideSort } from '@stroma/core/slide-sorts';
import { type Database, sql } from './client.ts';
import { hasDuplicates } from './slide-duplicates.ts';
import { hasIdentifying, type IdentifyingFilter } from './slide-identifiers.ts';
import { isGraded, newestGradeName, newestMember } from './slide-standing.ts';

/** Which slides a list holds; what is left out narrows nothing. */
export interface SlideFilter {
  search?: string | undefined;
  identifying?: IdentifyingFilter | undefined;
  scale?: 'known' | 'missing' | 'conflict' | 'open' | undefined;
  /** Only slides that may be in the list twice. */
  duplicates?: boolean | undefined;
  /** As the newest cohort has it. */
  label?: string | undefined;
  labelled?: boolean | undefined;
  site?: string | undefined;
  graded?: boolean | undefined;
  format?: string | undefined;
}

export interface SlidePage extends SlideFilter {
  sort?: SlideSort | undefined;
  limit: number;
  after?: SlideCursor | undefined;
}

/** The last slide of a page, with what it was put in order by. */
export interface SlideCursor {
  sort: SlideSort;
  key: string;
  id: string;
}

// Of slides that are equal in it, the id decides. Text in which a time keeps its microseconds.
const keys = {
  added: { order: sql`slide.created_at`, of: (key: string) => sql`${key}::timestamptz` },
  name: { order: sql`slide.name`, of: (key: string) => sql`${key}` },
};

/** Slides without a grade come last either way. */
const gradeKey = (down: boolean) => ({
  order: sql`coalesce(${down ? '1' : '0'} || graded.grade, ${down ? '0' : '1'}) collate "C"`,
  of: (key: string) => sql`${key} collate "C"`,
});

/** The ids of a page in its order, how many slides there are in all, and where the following page starts. */
export async function slidePage(db: Database, { sort = '-added', limit, after, ...filter }: SlidePage) {
  const down = sort.startsWith('-');
  const by = sort.replace('-', '') as 'added' | 'name' | 'grade';
  const { order, of } = by === 'grade' ? gradeKey(down) : keys[by];
  const way = down ? sql`desc` : sql`asc`;
  const beyond = down ? sql`<` : sql`>`;
  const { joins, conditions } = narrowed(filter);
  const from = after ? [sql`(${order}, slide.id) ${beyond} (${of(after.key)}, ${after.id}::uuid)`] : [];
  const { rows } = await sql<{ id: string; key: string }>`
    select slide.id, (${order})::text as key
    from slide ${joins} ${by === 'grade' ? newestGradeName : sql``}
    where ${sql.join([...conditions, ...from], sql` and `)}
    order by ${order} ${way}, slide.id ${way} limit ${limit + 1}`.execute(db);
  const counted = await sql<{ total: number }>`
    select count(*) as total from slide ${joins} where ${sql.join(conditions, sql` and `)}`.execute(db);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  const next: SlideCursor | null = last ? { sort, ...last } : null;
  return { ids: page.map(({ id }) => id), total: counted.rows[0]?.total ?? 0, next };
}

function narrowed(filter: SlideFilter) {
  const { search, identifying, scale, duplicates, label, labelled, site, graded, format } = filter;
  const conditions = [sql<boolean>`true`];
  if (search) conditions.push(sql`slide.name ilike ${`%${search.replace(/[\\%_]/g, '\\$&')}%`}`);
  if (identifying) conditions.push(hasIdentifying(identifying));
  if (duplicates) conditions.push(hasDuplicates);
  if (scale === 'open') conditions.push(sql`slide.scale_state <> 'known'`);
  else if (scale) conditions.push(sql`slide.scale_state = ${scale}`);
  if (label !== undefined) conditions.push(sql`member.label = ${label}`);
  if (labelled !== undefined) conditions.push(sql`(member.label is not null) = ${labelled}`);
  if (site !== undefined) conditions.push(sql`member.site = ${site}`);
  if (graded !== undefined) conditions.push(graded ? isGraded : sql`not ${isGraded}`);
  if (format !== undefined) conditions.push(sql`slide.format = ${format}`);
  const ofMember = label !== undefined || labelled !== undefined || site !== undefined;
  return { joins: ofMember ? newestMember : sql``, conditions };
}

/** What slides can be narrowed by, with how many there are of each. */
export async function slideFilterValues(db: Database) {
  const of = async (value: ReturnType<typeof sql>, joins = sql``) =>
    (
      await sql<{ value: string; slides: number }>`
        select ${value} as value, count(*) as slides from slide ${joins}
        where ${value} is not null group by 1 order by 1`.execute(db)
    ).rows;
  const [labels, sites, formats] = await Promise.all([
    of(sql`member.label`, newestMember),
    of(sql`member.site`, newestMember),
    of(sql`slide.format`),
  ]);
  return { labels, sites, formats };
}
