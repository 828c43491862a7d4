'use client';
import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { Icon } from './icon.tsx';

/** Finds while one types, and waits for the end of a word: what is found is asked for or drawn anew each time. */
export function SearchField({
  label,
  placeholder,
  value,
  onFind,
  width = 240,
}: {
  label: string;
  placeholder: string;
  /** As the address has it when the page opens. */
  value: string;
  onFind: (text: string) => void;
  width?: number;
}) {
  const find = useDebouncedCallback(onFind, 200);
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={placeholder}
      defaultValue={value}
      leftSection={<Icon name="search" size={14} />}
      onChange={(event) => find(event.currentTarget.value)}
      w={width}
    />
  );
}
