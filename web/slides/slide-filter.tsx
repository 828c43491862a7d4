'use client';
import { Choice } from '../parts/choice.tsx';

/** What the list can be narrowed to; the value is what the API is asked. */
const filters = [
  { value: 'scale=open', label: 'Scale not settled' },
  { value: 'scale=missing', label: 'Without a scale' },
  { value: 'scale=conflict', label: 'Scale in conflict' },
  { value: 'duplicates=true', label: 'Possible duplicates' },
  { value: 'identifying=found', label: 'Identifying fields' },
  { value: 'identifying=none', label: 'No identifying field' },
  { value: 'identifying=unknown', label: 'Not looked through' },
];

/** Undefined when an address names no filter that there is. */
export function knownFilter(value: string | null): string | undefined {
  return filters.find((filter) => filter.value === value)?.value;
}

export function SlideFilter({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  return (
    <Choice
      label="Show only slides of one kind"
      hideLabel
      anything="All slides"
      width={180}
      value={value}
      onChange={onChange}
      options={filters}
    />
  );
}
