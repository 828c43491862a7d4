import { NativeSelect } from '@mantine/core';

export interface ChoiceOption {
  value: string;
  label: string;
}

/** One of a few: the browser's own list, which works by keyboard, by touch and for screen readers without script. */
export function Choice({
  label,
  hideLabel = false,
  anything,
  options,
  value,
  onChange,
  width,
  testId,
}: {
  label: string;
  /** The label is then read out only. */
  hideLabel?: boolean;
  /** Words of the first line, which stands for no choice; absent where one has to be made. */
  anything?: string;
  options: readonly ChoiceOption[];
  value: string | null;
  onChange: (value: string | null) => void;
  width?: number;
  testId?: string;
}) {
  return (
    <NativeSelect
      {...(hideLabel ? { 'aria-label': label } : { label })}
      data={[...(anything ? [{ value: '', label: anything }] : []), ...options]}
      value={value ?? ''}
      onChange={(event) => onChange(event.currentTarget.value || null)}
      w={width}
      data-testid={testId}
    />
  );
}
