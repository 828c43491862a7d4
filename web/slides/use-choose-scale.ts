import type { ScaleChoice, ScaleReport, ScaleRequest } from '@stroma/core/http/scale';
import { useCallback, useState } from 'react';
import { useSWRConfig } from 'swr';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';

/** A choice that would make crops stale, or that not all slides can take; waits for a second click. */
export interface PendingScale {
  request: ScaleRequest;
  report: ScaleReport;
}

/** Chooses the scale of slides; asks first what that would make stale. */
export function useChooseScale(slideIds: string[], onChosen?: () => void) {
  const [pending, setPending] = useState<PendingScale | null>(null);
  const { mutate } = useSWRConfig();
  const save = useCallback(
    async (request: ScaleRequest) => {
      await send('POST', '/api/slide-scales', request);
      setPending(null);
      onChosen?.();
      await mutate((key) => typeof key === 'string' && key.startsWith('/api/slides'));
    },
    [mutate, onChosen],
  );
  const ask = useAction(
    useCallback(
      async (scale: ScaleChoice) => {
        const request = { slideIds, scale };
        const report = await send<ScaleReport>('POST', '/api/slide-scales/report', request);
        if (report.stale.cropSets > 0 || report.without > 0) setPending({ request, report });
        else await save(request);
      },
      [slideIds, save],
    ),
  );
  const confirm = useAction(save);
  return { ask, confirm, pending, dismiss: () => setPending(null) };
}
