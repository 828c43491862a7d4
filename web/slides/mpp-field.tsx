'use client';
import { Button, Checkbox } from '@mantine/core';
import type { PixelSpacing } from '@stroma/core/units';
import { magnificationLabel } from '@stroma/core/units';
import { type FormEvent, useState } from 'react';
import { NumberField } from '../parts/number-field.tsx';
import classes from './scale.module.css';

const unit = <span className="soft">µm/px</span>;

interface Props {
  /** What it is for, in words for a screen reader. */
  label: string;
  busy: boolean;
  onSet: (mpp: PixelSpacing) => void;
}

const valid = (value: number | null) => (value !== null && value >= 0.01 && value <= 100 ? value : null);

/** µm/px typed by a person; a second field where pixels are not square. */
export function MppField({ label, busy, onSet }: Props) {
  const [across, setAcross] = useState<number | null>(null);
  const [down, setDown] = useState<number | null>(null);
  const [square, setSquare] = useState(true);
  const x = valid(across);
  const y = square ? x : valid(down);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (x !== null && y !== null) onSet({ x, y });
  };
  const field = { min: 0.01, max: 100, step: 0.05, decimals: 4, rightSection: unit, rightSectionWidth: 46, w: 118 };
  return (
    <form onSubmit={submit} className={classes.typed}>
      <NumberField
        {...field}
        aria-label={`${label}${square ? '' : ' along x'}`}
        placeholder={square ? 'e.g. 0.5' : 'along x'}
        value={across}
        onChange={setAcross}
      />
      {!square && (
        <NumberField {...field} aria-label={`${label} along y`} placeholder="along y" value={down} onChange={setDown} />
      )}
      <Button size="xs" type="submit" variant="default" disabled={x === null || y === null} loading={busy}>
        Set mpp
      </Button>
      {x !== null && <span className="soft">= {magnificationLabel(x)}</span>}
      <Checkbox
        size="xs"
        label="square px"
        checked={square}
        onChange={(event) => setSquare(event.currentTarget.checked)}
      />
    </form>
  );
}
