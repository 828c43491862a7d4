import classes from './interval-bar.module.css';

interface Props {
  value: number;
  low: number;
  high: number;
  /** What the bar's left end means; the right end is 1. */
  from?: number;
}

/** A value with its interval on a line; the numbers stand beside it. */
export function IntervalBar({ value, low, high, from = 0 }: Props) {
  const place = (x: number) => `${((x - from) / (1 - from)) * 100}%`;
  return (
    <span className={classes.interval} aria-hidden="true">
      <span className={classes.range} style={{ left: place(low), right: `calc(100% - ${place(high)})` }} />
      <span className={classes.point} style={{ left: place(value) }} />
    </span>
  );
}
