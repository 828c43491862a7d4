import { StromaError } from '@stroma/core/errors';
import type { Database } from '@stroma/db/client';
import { runExists } from '@stroma/db/run-list';

export async function requireRun(db: Database, runId: number): Promise<void> {
  if (await runExists(db, runId)) return;
  throw new StromaError(
    {
      code: 'run.unknown',
      message: 'There is no such run.',
      found: `run ${runId}`,
      remedy: 'The page of its job lists the runs there are.',
    },
    404,
  );
}
