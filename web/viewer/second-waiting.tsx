import type { SlideDetail } from '@stroma/core/http/slide';
import type { JsonAnswer } from '../data/use-json.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './viewer.module.css';

/** The second pane until its slide is known, or why it is not. */
export function SecondWaiting({ slide, onClose }: { slide: JsonAnswer<SlideDetail>; onClose: () => void }) {
  return (
    <section className={classes.second} aria-label="Second slide" data-testid="second-waiting">
      {slide.error ? (
        <div className={classes.problem}>
          <ProblemView problem={slide.error.problem} onRetry={() => void slide.mutate()} />
        </div>
      ) : (
        <p className={classes.opening} role="status">
          The second slide is being opened …
        </p>
      )}
      <div className={classes.paneTools}>
        <button type="button" onClick={onClose} title="End comparing (c)">
          close
        </button>
      </div>
    </section>
  );
}
