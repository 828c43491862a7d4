import { useCallback, useEffect, useState } from 'react';
import type { MeasuredLine } from './measured.ts';
import type { Point0 } from './place.ts';
import type { SlideStage } from './slide-stage.ts';

export interface Measure {
  on: boolean;
  toggle: () => void;
  /** Sets an end of the line: the first, the second, then the first of a new one. */
  set: (point: Point0) => void;
  /** The first end, while the second is looked for. */
  from: Point0 | null;
  line: MeasuredLine | null;
}

/** One line at a time, by two clicks; or by Enter at the cross in the middle, which the arrow keys bring to a place. */
export function useMeasure(stage: SlideStage | null, first: MeasuredLine | null): Measure {
  const [on, setOn] = useState(first !== null);
  const [from, setFrom] = useState<Point0 | null>(null);
  const [line, setLine] = useState(first);

  const set = useCallback(
    (point: Point0) => {
      setLine(from ? [from, point] : null);
      setFrom(from ? null : point);
    },
    [from],
  );
  const toggle = useCallback(() => {
    setOn(!on);
    setFrom(null);
    setLine(null);
  }, [on]);
  useEffect(() => (on ? stage?.onClick(set) : undefined), [stage, on, set]);
  return { on, toggle, set, from, line };
}
