import { notifications } from '@mantine/notifications';
import type { Problem } from '@stroma/core/errors';
import { ProblemView } from '../parts/problem-view.tsx';

/** What was deleted can be brought back for as long as this stands; the server keeps it for a day. */
export function offerUndo(what: string, undo: () => void) {
  const id = notifications.show({
    autoClose: 10_000,
    message: (
      <span data-testid="annotation-deleted">
        {what} was deleted.{' '}
        <button
          type="button"
          className="link"
          data-testid="annotation-undo"
          onClick={() => {
            notifications.hide(id);
            undo();
          }}
        >
          Undo
        </button>
      </span>
    ),
  });
}

export function tellProblem(problem: Problem) {
  notifications.show({ autoClose: 15_000, message: <ProblemView compact problem={problem} /> });
}
