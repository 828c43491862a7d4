import { useEffect, useRef, useState } from 'react';

const stepMs = 160;
const keysOfOthers = 'input, textarea, select, button, a, [role="combobox"], [role="radio"], [role="tab"]';

/** Space plays the walk from the primary crop to the secondary one; it waits for pictures that are still being drawn. */
export function usePlay(alpha: number, setAlpha: (alpha: number) => void, ready: (alpha: number) => boolean) {
  const [playing, setPlaying] = useState(false);
  const now = useRef({ alpha, ready });
  now.current = { alpha, ready };
  const toggle = () => {
    if (!playing && now.current.alpha <= 0) setAlpha(1);
    setPlaying(!playing);
  };
  const newest = useRef(toggle);
  newest.current = toggle;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== ' ' || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest(keysOfOthers)) return;
      event.preventDefault();
      newest.current();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const next = Math.round((now.current.alpha - 0.05) * 20) / 20;
      if (next < 0) setPlaying(false);
      else if (now.current.ready(now.current.alpha)) setAlpha(next);
    }, stepMs);
    return () => clearInterval(timer);
  }, [playing, setAlpha]);
  return { playing, toggle };
}
