import { useEffect, useRef } from 'react';

export type Shortcuts = (readonly [key: string, act: () => unknown])[];

/** What the list under `?` shows. */
export const shortcutWords: [keys: string, meaning: string][] = [
  ['← → ↑ ↓', 'pan'],
  ['+  −', 'zoom in, out'],
  ['0', 'whole slide'],
  ['1 2 3 4 5', '2.5x, 5x, 10x, 20x, 40x exactly'],
  ['double-click', 'next magnification'],
  [',  .', 'turn left, right by 15°'],
  ['<  >', 'turn left, right by 90°'],
  ['u', 'set upright'],
  ['h', 'heat map on and off'],
  ['t', 'tissue mask on and off'],
  ['g', 'grid of crops on and off'],
  ['[  ]', 'heat map fainter, stronger'],
  ['n  N', 'next, previous most attended crop'],
  ['r  p  o', 'draw a rectangle, a point, a polygon'],
  ['Space  Enter  ⌫  Esc', 'set a position at the cross, close, take back, cancel'],
  ['m', 'measure; Enter sets an end at the cross'],
  ['c', 'compare with another slide or encoder, or end it'],
  ['l', 'link or unlink the two'],
  ['w', 'walk from the chosen crop'],
  ['Esc', 'choose nothing, end measuring'],
  ['s', 'fold the side panel'],
  ['?', 'this list'],
];

const typing = 'input:not([type="checkbox"]):not([type="radio"]), textarea, select, [role="slider"], [role="combobox"]';

/** Keys of the page; keys typed into a field, pressed on a slider or in a dialog stay there. */
export function useShortcuts(shortcuts: Shortcuts) {
  const newest = useRef(shortcuts);
  newest.current = shortcuts;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(typing) || target?.closest('[role="dialog"]')) return;
      if (event.key === 'Enter' && target?.closest('button, a, [role="tab"]')) return;
      if (event.key.startsWith('Arrow') && target?.closest('[role="tab"], [role="radiogroup"]')) return;
      const act = newest.current.find(([key]) => key === event.key)?.[1];
      if (!act) return;
      event.preventDefault();
      act();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
