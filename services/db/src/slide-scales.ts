import type { ScaleChoice, ScaleReport } from '@stroma/core/http/scale';
import { type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from './client.ts';
import { requestGradings } from './gradings.ts';
import type { DB } from './schema.ts';

/** µm/px of a slide under this choice; null where its file makes no such statement. */
function spacingUnder(choice: ScaleChoice): { x: RawBuilder<number>; y: RawBuilder<number> } {
  if (choice.use === 'user') {
    return { x: sql`${choice.mpp.x}::float8`, y: sql`${choice.mpp.y}::float8` };
  }
  return choice.use === 'declared'
    ? { x: sql`slide.mpp_declared_x`, y: sql`slide.mpp_declared_y` }
    : { x: sql`slide.mpp_derived_x`, y: sql`slide.mpp_derived_y` };
}

/** What choosing this scale would change, and what was made at another one. */
export async function scaleReport(
  db: Database | Transaction<DB>,
  slideIds: readonly string[],
  choice: ScaleChoice,
): Promise<ScaleReport> {
  const to = spacingUnder(choice);
  const { rows } = await sql<{ report: ScaleReport }>`
    with chosen as (
      select id, mpp_x, mpp_y, ${to.x} as to_x, ${to.y} as to_y from slide where id = any(${slideIds}::uuid[])
    ), stale as (
      select crop_set.id, slide_id, crop_count from chosen join crop_set on slide_id = chosen.id
      where status = 'ready' and to_x is not null
        and crops_fit(size0_x, size0_y, size_px, effective_mpp_x, effective_mpp_y, mpp_x, mpp_y)
        and not crops_fit(size0_x, size0_y, size_px, effective_mpp_x, effective_mpp_y, to_x, to_y)
    ), embedded as (
      select id from embedding_set where crop_set_id in (select id from stale)
    )
    select json_build_object(
      'slides', (select count(*) from chosen where to_x is not null),
      'without', (select count(*) from chosen where to_x is null),
      'stale', json_build_object(
        'slides', (select count(distinct slide_id) from stale),
        'cropSets', (select count(*) from stale),
        'crops', (select coalesce(sum(crop_count), 0) from stale),
        'embeddingSets', (select count(*) from embedded),
        'predictions', (select count(*) from prediction where embedding_set_id in (select id from embedded)))) as report`.execute(
    db,
  );
  const [row] = rows;
  if (!row) throw new Error('an aggregate has one row');
  return row.report;
}

/** Slides whose file makes no such statement stay as they are. A value that was typed once is kept beside the choice. */
export async function chooseScale(
  trx: Transaction<DB>,
  slideIds: readonly string[],
  choice: ScaleChoice,
): Promise<ScaleReport> {
  const to = spacingUnder(choice);
  const ids = sql`${slideIds}::uuid[]`;
  await sql`select from slide where id = any(${ids}) order by id for update`.execute(trx);
  const report = await scaleReport(trx, slideIds, choice);
  const typed = choice.use === 'user' ? sql`, mpp_user_x = ${choice.mpp.x}, mpp_user_y = ${choice.mpp.y}` : sql``;
  await sql`update slide set scale_choice = ${choice.use}${typed}
    where id = any(${ids}) and ${to.x} is not null and ${to.y} is not null`.execute(trx);
  await requestGradings(trx, slideIds);
  return report;
}
