import type { CropHistograms } from '@stroma/core/http/cohort';
import { counted } from '../parts/number-label.ts';
import classes from './crops.module.css';

type Counts = CropHistograms['histograms'][number];

/** How one number is spread over the cut crops; bins that the bounds leave out are grey. */
export function Histogram({ of, least, most }: { of: Counts; least?: number | undefined; most?: number | undefined }) {
  const { counts, upTo, unmeasured } = of;
  const tallest = Math.max(1, ...counts);
  const width = upTo / counts.length;
  return (
    <>
      <svg
        className={classes.bars}
        viewBox={`0 0 ${counts.length} 1`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${counted(
          counts.reduce((a, b) => a + b, 0),
          'crop',
        )} from 0 to ${upTo}`}
      >
        {counts.map((count, bin) => {
          // Few crops must not vanish beside many: heights go by the square root.
          const height = Math.sqrt(count / tallest);
          const middle = (bin + 0.5) * width;
          const kept = middle >= (least ?? 0) && middle <= (most ?? Number.POSITIVE_INFINITY);
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: a bin is its index
              key={bin}
              x={bin + 0.08}
              y={1 - height}
              width={0.84}
              height={height}
              data-kept={kept || undefined}
            >
              <title>{`${counted(count, 'crop')} from ${(bin * width).toFixed(3)} to ${((bin + 1) * width).toFixed(3)}`}</title>
            </rect>
          );
        })}
      </svg>
      <div className={classes.ends}>
        <span>0</span>
        {unmeasured > 0 && <span>{counted(unmeasured, 'crop')} not measured yet</span>}
        <span>{upTo}</span>
      </div>
    </>
  );
}
