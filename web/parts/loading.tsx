import classes from './loading.module.css';

/** Lines where text will be; says what is being read. */
export function Loading({ what }: { what: string }) {
  return (
    <div className={classes.loading} role="status">
      <span className="soft">Reading {what}…</span>
      <div aria-hidden="true" className={classes.line} style={{ width: '62%' }} />
      <div aria-hidden="true" className={classes.line} style={{ width: '48%' }} />
      <div aria-hidden="true" className={classes.line} style={{ width: '55%' }} />
    </div>
  );
}
