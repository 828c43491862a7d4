import classes from './meter.module.css';

/** A thin bar of a known share, 0…1; the number stands beside it in words. */
export function Meter({ share, label }: { share: number; label: string }) {
  const percent = Math.min(100, Math.max(0, share * 100));
  return (
    <div
      className={classes.meter}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
    >
      <div className={classes.fill} style={{ width: `${percent}%` }} />
    </div>
  );
}
