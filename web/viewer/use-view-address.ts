import { useEffect, useLayoutEffect, useRef } from 'react';
import type { SlideStage } from './slide-stage.ts';
import { type AddressPart, placeAddress, writeAddress } from './view-address.ts';

/** Writes the place and all that is given into the address, at rest and without a new entry in the history. */
export function useViewAddress(stage: SlideStage | null, part: AddressPart) {
  const newest = useRef(part);
  newest.current = part;
  const write = useRef<() => void>(() => undefined);

  // As layout, so that it ends with the page itself: a later writing would be into the next page's address.
  useLayoutEffect(() => {
    if (!stage) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    write.current = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const place = placeAddress(stage.place());
        const address = writeAddress(window.location.search, { ...newest.current, ...place });
        // With the router's own state, which it lets pass: told of an address, it forgets a page that is on its way.
        window.history.replaceState(window.history.state, '', address);
      }, 300);
    };
    const stop = stage.onChange(write.current);
    return () => {
      stop();
      clearTimeout(timer);
      write.current = () => undefined;
    };
  }, [stage]);

  const text = JSON.stringify(part);
  // biome-ignore lint/correctness/useExhaustiveDependencies: written when a part changes
  useEffect(() => write.current(), [text]);
}
