import type { ReactNode } from 'react';
import type { JsonAnswer } from '../data/use-json.ts';
import { Loading } from './loading.tsx';
import { NotRefreshed } from './not-refreshed.tsx';
import { ProblemView } from './problem-view.tsx';

/** The states of a question to the server: waiting, failed, answered, and answered once but not any more. */
export function Answer<T>({
  of,
  what,
  children,
}: {
  of: JsonAnswer<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  const { data, error, answeredAt } = of;
  const retry = () => void of.mutate();
  // Data without an answer of this URL are those of the question before, kept on the screen until the next is answered.
  if (error && (data === undefined || !answeredAt)) return <ProblemView problem={error.problem} onRetry={retry} />;
  if (data === undefined) return <Loading what={what} />;
  return (
    <>
      {error && answeredAt && <NotRefreshed since={answeredAt} problem={error.problem} onRetry={retry} />}
      {children(data)}
    </>
  );
}
