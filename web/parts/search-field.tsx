'use client';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import { Icon } from './icon.tsx';
import classes from './search-field.module.css';

/** Finds while one types, and waits for the end of a word: what is found is asked for or drawn anew each time. */
export function SearchField({
  label,
  placeholder,
  value,
  onFind,
  width = 240,
}: {
  /** Read out only. */
  label: string;
  placeholder: string;
  /** As the address has it. */
  value: string;
  onFind: (text: string) => void;
  width?: number;
}) {
  const find = useDebouncedCallback(onFind, 200);
  const input = useRef<HTMLInputElement>(null);
  // It follows the address where somebody else changes it, never somebody who types: the address comes after the typing.
  useEffect(() => {
    if (input.current && document.activeElement !== input.current) input.current.value = value;
  }, [value]);
  return (
    <div className={classes.field} style={{ width }}>
      <Icon name="search" size={14} />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={placeholder}
        defaultValue={value}
        onChange={(event) => find(event.currentTarget.value)}
      />
    </div>
  );
}
