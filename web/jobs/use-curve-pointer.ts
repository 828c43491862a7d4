import { type PointerEvent, useState } from 'react';
import type { Range } from './curve-scale.ts';

/** Shorter than this share of the width, a drag is a click. */
const shortest = 0.02;
/** Share of the plot's width at which the pointer is. */
const shareAt = ({ currentTarget, clientX }: PointerEvent) => {
  const { left, width } = currentTarget.getBoundingClientRect();
  return Math.max(0, Math.min(1, (clientX - left) / width));
};

/** Pointing at a step, and dragging along a range of steps to look at that alone; shares are of the plot's width. */
export function useCurvePointer(onRange: (range: Range) => void) {
  const [at, setAt] = useState<number | null>(null);
  const [from, setFrom] = useState<number | null>(null);
  const dragged: Range | null = from === null || at === null ? null : [Math.min(from, at), Math.max(from, at)];
  return {
    at,
    dragged,
    events: {
      onPointerDown(event: PointerEvent) {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setAt(shareAt(event));
        setFrom(shareAt(event));
      },
      onPointerMove: (event: PointerEvent) => setAt(shareAt(event)),
      onPointerUp() {
        if (dragged && dragged[1] - dragged[0] >= shortest) onRange(dragged);
        setFrom(null);
      },
      onPointerCancel() {
        setAt(null);
        setFrom(null);
      },
      onPointerLeave: () => from === null && setAt(null),
    },
  };
}
