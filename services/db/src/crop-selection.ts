import { createHash } from 'node:crypto';
import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { boundsOf, type CropNumber, cropNumbers, selectionText } from '@stroma/core/crop-numbers';
import { type RawBuilder, sql } from 'kysely';

/** Columns of `crop`. */
export const numberColumn: Record<CropNumber, string> = {
  tissueFraction: 'crop.tissue_fraction',
  sharpness: 'crop.sharpness',
  pen: 'crop.pen',
  fold: 'crop.fold',
  saturation: 'crop.saturation',
  darkness: 'crop.darkness',
};

/** The condition on `crop` that a selection is; a crop whose number was never measured meets no bound on it. */
export function isSelected(selection: CropSelection): RawBuilder<boolean> {
  const conditions = cropNumbers.flatMap((number) => {
    const column = sql.raw(numberColumn[number]);
    const { least, most }: { least?: keyof CropSelection; most?: keyof CropSelection } = boundsOf[number];
    const [from, to] = [least && selection[least], most && selection[most]];
    // Stored as real: 0.7 as a double is more than 0.7 as a real.
    return [
      ...(from === undefined ? [] : [sql`${column} >= ${from}::real`]),
      ...(to === undefined ? [] : [sql`${column} <= ${to}::real`]),
    ];
  });
  return conditions.length === 0 ? sql<boolean>`true` : sql<boolean>`(${sql.join(conditions, sql` and `)})`;
}

/** Names a selection in manifests, embedding files and exports. */
export function selectionHash(selection: CropSelection): string {
  return createHash('sha256').update(selectionText(selection)).digest('hex');
}
