import type { ReactNode } from 'react';
import type { JsonAnswer } from '../data/use-json.ts';
import { Loading } from './loading.tsx';
import { ProblemView } from './problem-view.tsx';

/** The three states of a question to the server: waiting, failed, answered. Old data stay while a retry fails. */
export function Answer<T>({
  of,
  what,
  children,
}: {
  of: JsonAnswer<T>;
  what: string;
  children: (data: T) => ReactNode;
}) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error) return <ProblemView problem={of.error.problem} onRetry={() => void of.mutate()} />;
  return <Loading what={what} />;
}
