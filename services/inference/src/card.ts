import { StromaError } from '@stroma/core/errors';
import type { CheckpointRow } from '@stroma/db/checkpoints';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** A checkpoint's card, checked: it was written by another program, perhaps of another version. */
export function cardOf<T extends TSchema>(schema: T, checkpoint: CheckpointRow): Static<T> {
  if (Value.Check(schema, checkpoint.card)) return checkpoint.card as Static<T>;
  const [first] = Value.Errors(schema, checkpoint.card);
  throw new StromaError({
    code: 'checkpoint.card',
    message: 'A checkpoint’s card is not what the contract says.',
    found: `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim(),
    where: `${checkpoint.objectKey}/card.json`,
    remedy: 'Run the training stage again.',
  });
}
