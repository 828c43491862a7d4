import { TextInput, type TextInputProps } from '@mantine/core';
import type { KeyboardEvent } from 'react';
import classes from './number-field.module.css';

interface Props extends Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange' | 'min' | 'max' | 'step'> {
  /** Absent where the field keeps what is typed by itself. */
  value?: number | null;
  defaultValue?: number | null;
  /** null while it holds no number. */
  onChange: (value: number | null) => void;
  min: number;
  max: number;
  /** By an arrow key. */
  step?: number;
  /** Digits behind the point, at most. */
  decimals?: number;
}

/** The browser's own number field, which knows the reader's decimal sign; what is out of range is moved into it on leaving. */
export function NumberField({ value, defaultValue, onChange, min, max, step = 1, decimals = 0, ...others }: Props) {
  const put = (input: HTMLInputElement, wanted: number) => {
    const kept = Number(Math.min(max, Math.max(min, wanted)).toFixed(decimals));
    if (kept === input.valueAsNumber) return;
    input.value = String(kept);
    onChange(kept);
  };
  const nudge = (event: KeyboardEvent<HTMLInputElement>) => {
    const by = { ArrowUp: step, ArrowDown: -step }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const { valueAsNumber } = event.currentTarget;
    put(event.currentTarget, Number.isNaN(valueAsNumber) ? min : valueAsNumber + by);
  };
  return (
    <TextInput
      {...others}
      type="number"
      classNames={{ input: classes.input }}
      {...(value === undefined ? { defaultValue: defaultValue ?? '' } : { value: value ?? '' })}
      min={min}
      max={max}
      step={10 ** -decimals}
      onChange={({ currentTarget: { valueAsNumber } }) => onChange(Number.isNaN(valueAsNumber) ? null : valueAsNumber)}
      onKeyDown={nudge}
      onBlur={({ currentTarget }) => {
        if (!Number.isNaN(currentTarget.valueAsNumber)) put(currentTarget, currentTarget.valueAsNumber);
      }}
    />
  );
}
