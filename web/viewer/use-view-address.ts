import { useEffect, useRef } from 'react';
import type { SlideStage } from './slide-stage.ts';
import { type HeatSettings, writeAddress } from './view-address.ts';

/** Writes place, zoom and heat map into the address, at rest and without a new entry in the history. */
export function useViewAddress(stage: SlideStage | null, heat: HeatSettings) {
  const newest = useRef(heat);
  newest.current = heat;
  const write = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (!stage) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    write.current = () => {
      clearTimeout(timer);
      timer = setTimeout(
        () => window.history.replaceState(null, '', writeAddress({ place: stage.place(), heat: newest.current })),
        300,
      );
    };
    const stop = stage.onChange(write.current);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [stage]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: written when the settings change
  useEffect(() => write.current(), [heat]);
}
