import { Button } from '@mantine/core';
import type { Problem } from '@stroma/core/errors';
import classes from './not-refreshed.module.css';

/** Above what was read before: that it may have changed since, and why it could not be read again. */
export function NotRefreshed({ since, problem, onRetry }: { since: Date; problem: Problem; onRetry: () => void }) {
  const time = since.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  return (
    <div role="alert" className={classes.stale}>
      <span>
        <strong>Not refreshed since {time}.</strong> {problem.message} {problem.remedy}
      </span>
      <Button variant="default" size="compact-xs" onClick={onRetry}>
        Retry
      </Button>
    </div>
  );
}
