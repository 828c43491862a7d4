import type { ReactNode } from 'react';
import classes from './walk.module.css';

/** A drawn picture never stands without its ribbon. */
export function SyntheticPicture({
  png,
  alpha,
  children,
}: {
  png: string | undefined;
  alpha: number;
  children?: ReactNode;
}) {
  return (
    <span className={classes.picture}>
      {png && (
        <>
          {/* biome-ignore lint/performance/noImgElement: a data URL of 256 px */}
          <img
            src={`data:image/png;base64,${png}`}
            alt={`Synthetic tissue, interpolated with alpha_primary ${alpha.toFixed(2)}`}
          />
          <span className={classes.ribbon} aria-hidden="true">
            synthetic
          </span>
        </>
      )}
      {children}
    </span>
  );
}
