'use client';
import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { magnificationLabel } from '@stroma/core/units';
import { NumberField } from '../parts/number-field.tsx';
import classes from './crops.module.css';

/** What a person types; null where it is no number in range. */
export interface CropDraft {
  mpp: number | null;
  sizePx: number | null;
  overlapPx: number | null;
}

export const firstDraft: CropDraft = { mpp: 0.5, sizePx: defaultGrid.sizePx, overlapPx: 0 };

/** The crops that are asked for, or null while the fields do not make sense. */
export function cropsOf({ mpp, sizePx, overlapPx }: CropDraft): (CropGrid & { mpp: number }) | null {
  if (mpp === null || sizePx === null || overlapPx === null || overlapPx >= sizePx) return null;
  return { mpp, sizePx, stridePx: sizePx - overlapPx };
}

const inRange = (value: number | null, least: number, most: number) =>
  value !== null && value >= least && value <= most ? value : null;

/** Resolution, size and overlap of crops. */
export function CropFields({ draft, onChange }: { draft: CropDraft; onChange: (draft: CropDraft) => void }) {
  return (
    <div className={classes.fields}>
      <NumberField
        label="Crops at"
        defaultValue={draft.mpp}
        onChange={(value) => onChange({ ...draft, mpp: inRange(value, 0.05, 50) })}
        min={0.05}
        max={50}
        step={0.25}
        decimals={3}
        rightSection={<span className="soft">µm/px {draft.mpp !== null && magnificationLabel(draft.mpp)}</span>}
        rightSectionWidth={84}
        data-testid="crop-mpp"
      />
      <NumberField
        label="Size"
        defaultValue={draft.sizePx}
        onChange={(value) => onChange({ ...draft, sizePx: inRange(value, 64, 1024) })}
        min={64}
        max={1024}
        step={64}
        rightSection={<span className="soft">px</span>}
        error={draft.sizePx === null && '64 to 1,024 px'}
        data-testid="crop-size"
      />
      <NumberField
        label="Overlap"
        defaultValue={draft.overlapPx}
        onChange={(value) => onChange({ ...draft, overlapPx: inRange(value, 0, 1023) })}
        min={0}
        max={(draft.sizePx ?? 1024) - 1}
        step={32}
        rightSection={<span className="soft">px</span>}
        error={cropsOf({ ...draft, mpp: 1, sizePx: draft.sizePx ?? 1024 }) === null && 'less than the size'}
        data-testid="crop-overlap"
      />
    </div>
  );
}
