import type { CropSelection } from '@stroma/core/contract/crop-selection';
import { StromaError } from '@stroma/core/errors';
import type { CohortMessage } from '@stroma/core/http/cohort';
import type { CohortRow } from '@stroma/db/cohorts';

export function cohortMessage({ createdAt, cropSelection, ...row }: CohortRow): CohortMessage {
  return { ...row, cropSelection: cropSelection as CropSelection, createdAt: createdAt.toISOString() };
}

export function noCohort(id: number): StromaError {
  return new StromaError(
    {
      code: 'cohort.unknown',
      message: 'There is no such cohort.',
      found: `cohort ${id}`,
      remedy: 'The list of cohorts has those there are.',
    },
    404,
  );
}
