import { StromaError } from '@stroma/core/errors';
import type { Encoder } from '@stroma/db/run-inputs';
import type { RunRow } from '@stroma/db/runs';

export function encoderOfRun(run: RunRow): Encoder {
  if (run.encoder === 'dino' || run.encoder === 'gen_dino') return run.encoder;
  throw new StromaError({
    code: 'run.no_encoder',
    message: `A ${run.stage} run names its encoder, and this one does not.`,
    expected: 'dino or gen_dino',
    where: `run ${run.id}`,
  });
}
