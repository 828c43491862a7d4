'use client';
import { Select } from '@mantine/core';

/** Slides whose scale a person has to settle. */
export function ScaleFilter({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  return (
    <Select
      aria-label="Show slides by the state of their scale"
      placeholder="Any scale"
      clearable
      w={180}
      value={value}
      onChange={onChange}
      data={[
        { value: 'open', label: 'Scale not settled' },
        { value: 'missing', label: 'Without a scale' },
        { value: 'conflict', label: 'Scale in conflict' },
      ]}
    />
  );
}
