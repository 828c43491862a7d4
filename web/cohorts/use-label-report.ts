import { useDebouncedValue } from '@mantine/hooks';
import type { Problem } from '@stroma/core/errors';
import type { CohortDraft, LabelReport } from '@stroma/core/http/cohort';
import { useEffect, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import { problemOf } from '../data/request-failed.ts';

export interface DryRun {
  report: LabelReport | null;
  problem: Problem | null;
  busy: boolean;
  again: () => void;
}

/** Asks what the draft would do, half a second after the last change; an older question is called off. */
export function useLabelReport(draft: CohortDraft): DryRun {
  const { labelsCsv, classOf, foldCount, seed } = draft;
  const [asked] = useDebouncedValue(JSON.stringify({ labelsCsv, classOf, foldCount, seed }), 500);
  const [state, setState] = useState<Omit<DryRun, 'again'>>({ report: null, problem: null, busy: false });
  const [turn, setTurn] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new turn asks the same question again
  useEffect(() => {
    const question = JSON.parse(asked) as Omit<CohortDraft, 'name'>;
    if (question.labelsCsv.trim() === '') {
      setState({ report: null, problem: null, busy: false });
      return;
    }
    const stop = new AbortController();
    setState((before) => ({ ...before, busy: true }));
    // The name does not change the report, but the contract asks for one.
    send<LabelReport>('POST', '/api/cohorts/label-report', { name: 'dry run', ...question }, stop.signal)
      .then((report) => setState({ report, problem: null, busy: false }))
      .catch((error: unknown) => {
        if (!stop.signal.aborted) setState({ report: null, problem: problemOf(error), busy: false });
      });
    return () => stop.abort();
  }, [asked, turn]);
  return { ...state, again: () => setTurn((before) => before + 1) };
}
