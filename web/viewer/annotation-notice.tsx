import type { Problem } from '@stroma/core/errors';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './annotations.module.css';

/** What came of the last change: something is gone, for a day not for good; or the change failed. */
export type Notice = { deleted: string; undo: () => void } | { problem: Problem };

/** Stands until it is closed or the next one takes its place: nobody has to be quick. */
export function AnnotationNotice({ notice, onClose }: { notice: Notice; onClose: () => void }) {
  if ('problem' in notice) {
    return (
      <div className={classes.failed} data-testid="annotation-failed">
        <ProblemView compact problem={notice.problem} onRetry={onClose} retryWord="Close" />
      </div>
    );
  }
  return (
    <div className={classes.hint} role="status" data-testid="annotation-deleted">
      <span>{notice.deleted} was deleted.</span>
      <button
        type="button"
        data-testid="annotation-undo"
        onClick={() => {
          onClose();
          notice.undo();
        }}
      >
        Undo
      </button>
      <button type="button" onClick={onClose}>
        Close
      </button>
    </div>
  );
}
