import { Button } from '@mantine/core';
import type { Problem } from '@stroma/core/errors';
import { Facts } from './facts.tsx';
import classes from './problem-view.module.css';

const rows = ['expected', 'found', 'where', 'remedy'] as const;
const label = { expected: 'Expected', found: 'Found', where: 'Where', remedy: 'What to do' };

/** A problem beside the thing that failed: what was expected, found, where, what to do. */
export function ProblemView({
  problem,
  onRetry,
  retryWord = 'Retry',
  compact = false,
}: {
  problem: Problem;
  onRetry?: (() => void) | undefined;
  retryWord?: string;
  compact?: boolean;
}) {
  const given = rows.filter((row) => problem[row]);
  return (
    <div role="alert" className={classes.problem} data-compact={compact || undefined}>
      <p className={classes.message}>
        <span aria-hidden="true">✕ </span>
        {problem.message}
      </p>
      {given.length > 0 && (
        <div className={classes.facts}>
          <Facts facts={given.map((row) => [label[row], problem[row]])} />
        </div>
      )}
      <div className={classes.foot}>
        {onRetry && (
          <Button variant="default" size="compact-xs" onClick={onRetry}>
            {retryWord}
          </Button>
        )}
        <span className="mono soft">{problem.code}</span>
      </div>
    </div>
  );
}
