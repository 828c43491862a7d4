import { useMantineColorScheme } from '@mantine/core';
import { useMounted } from '@mantine/hooks';
import { Icon } from '../parts/icon.tsx';
import classes from './shell.module.css';

const next = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const icon = { auto: 'system', light: 'sun', dark: 'moon' } as const;
const word = { auto: 'as the system', light: 'light', dark: 'dark' };

export function ThemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const shown = useMounted() ? colorScheme : 'auto';
  const label = `Theme: ${word[shown]}. Switch to ${word[next[shown]]}.`;
  return (
    <button
      type="button"
      className={classes.theme}
      aria-label={label}
      title={label}
      onClick={() => setColorScheme(next[shown])}
    >
      <Icon name={icon[shown]} />
    </button>
  );
}
