import { StromaError } from '@stroma/core/errors';
import { audit } from '@stroma/db/accounts';
import { activateModel, deactivateModel } from '@stroma/db/active-models';
import type { Database } from '@stroma/db/client';
import type { ModelRow } from '@stroma/db/models';

/** New slides are graded by it from now on; what graded them for the same cohort and mpp before does no more. */
export async function activate(db: Database, model: ModelRow, userId: string): Promise<void> {
  if (model.kind !== 'abmil') {
    throw new StromaError(
      {
        code: 'model.grades_nothing',
        message: 'Only slide models can grade new slides.',
        expected: 'an ABMIL training',
        found: model.kind === 'eldm' ? 'an E-LDM' : 'an encoder',
        where: `model ${model.runId}`,
        remedy: 'Make an ABMIL training active; it brings its encoder.',
      },
      409,
    );
  }
  await db.transaction().execute(async (tx) => {
    await activateModel(tx, model.runId, userId);
    const detail = { cohortId: model.cohortId, mpp: model.mpp };
    await audit(tx, { userId, action: 'model.activated', subject: `model:${model.runId}`, detail });
  });
}

export async function deactivate(db: Database, { runId }: ModelRow, userId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await deactivateModel(tx, runId))) throw notActive(runId);
    await audit(tx, { userId, action: 'model.deactivated', subject: `model:${runId}` });
  });
}

function notActive(runId: number): StromaError {
  return new StromaError(
    {
      code: 'model.not_active',
      message: 'The model does not grade new slides.',
      expected: 'an active model',
      where: `model ${runId}`,
      remedy: 'Load the page again: somebody may have turned it off, or made another one active.',
    },
    409,
  );
}
