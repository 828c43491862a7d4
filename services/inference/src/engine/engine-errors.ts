import { StromaError } from '@stroma/core/errors';

export function busy(waiting: number): StromaError {
  return new StromaError(
    {
      code: 'inference.busy',
      message: 'Too many pictures are being asked for at once.',
      expected: `at most ${waiting} waiting requests`,
      remedy: 'Try again in a few seconds.',
    },
    503,
  );
}

export function died(how: string): StromaError {
  return new StromaError(
    {
      code: 'inference.engine_died',
      message: 'The process that runs the models ended in the middle of a request; it has been started again.',
      expected: 'enough memory for the model and its batch',
      found: how,
      remedy: 'Try again; if it stays, free memory or look at the service log.',
    },
    503,
  );
}

export function nobodyWaits(): StromaError {
  return new StromaError({ code: 'inference.aborted', message: 'Nobody waits for the answer.' }, 499);
}
