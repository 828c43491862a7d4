import { useEffect, useRef } from 'react';
import type { SlideStage } from './slide-stage.ts';
import { type AddressPart, placeAddress, writeAddress } from './view-address.ts';

/** Writes the place and all that is given into the address, at rest and without a new entry in the history. */
export function useViewAddress(stage: SlideStage | null, part: AddressPart) {
  const newest = useRef(part);
  newest.current = part;
  const write = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (!stage) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    write.current = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const place = placeAddress(stage.place());
        window.history.replaceState(null, '', writeAddress(window.location.search, { ...newest.current, ...place }));
      }, 300);
    };
    const stop = stage.onChange(write.current);
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [stage]);

  const text = JSON.stringify(part);
  // biome-ignore lint/correctness/useExhaustiveDependencies: written when a part changes
  useEffect(() => write.current(), [text]);
}
