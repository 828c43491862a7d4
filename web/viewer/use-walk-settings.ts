import { useCallback, useEffect, useState } from 'react';
import { firstSettings, readSettings, type WalkSettings, withSettings } from './walk-address.ts';

/** What is set of a walk: from the query of its own page and kept there, or for as long as the walk is open. */
export function useWalkSettings(query: { get(name: string): string | null } | null) {
  const [settings, setSettings] = useState(() => (query ? readSettings(query) : firstSettings));
  const inAddress = query !== null;
  const change = useCallback((next: Partial<WalkSettings>) => setSettings((before) => ({ ...before, ...next })), []);
  useEffect(() => {
    if (!inAddress) return;
    // While the slider moves there is a setting a frame, and browsers refuse addresses that change so often.
    const timer = setTimeout(
      () => window.history.replaceState(window.history.state, '', withSettings(window.location.search, settings)),
      300,
    );
    return () => clearTimeout(timer);
  }, [inAddress, settings]);
  return { settings, change };
}
