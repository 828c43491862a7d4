import { usePathname, useRouter, useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/** List state that survives reload and back: it lives in the query string. */
export function useUrlState() {
  const parameters = useSearchParams();
  const router = useRouter();
  const path = usePathname();

  const change = useCallback(
    (values: Record<string, string | null>, { keep = false } = {}) => {
      const next = new URLSearchParams(parameters);
      for (const [name, value] of Object.entries(values)) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      const url = next.size > 0 ? `${path}?${next}` : path;
      if (keep) router.push(url);
      else router.replace(url, { scroll: false });
    },
    [parameters, router, path],
  );
  return { parameters, change };
}
