import { Button } from '@mantine/core';
import { count } from '../parts/number-label.ts';
import classes from './slides.module.css';

/** Where in the list one is, and the ways on. */
export function SlidePager({
  from,
  shown,
  total,
  onFirst,
  onNext,
}: {
  from: number;
  shown: number;
  total: number;
  onFirst: (() => void) | undefined;
  onNext: (() => void) | undefined;
}) {
  if (!onFirst && !onNext) return null;
  return (
    <nav className={classes.pager} aria-label="Pages">
      <span className="soft">
        {count(from + 1)}–{count(from + shown)} of {count(total)}
      </span>
      {onFirst && (
        <Button variant="default" onClick={onFirst}>
          First page
        </Button>
      )}
      {onNext && (
        <Button variant="default" onClick={onNext}>
          Next page
        </Button>
      )}
    </nav>
  );
}
