import { StromaError } from '@stroma/core/errors';
import type { FastifyReply } from 'fastify';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { nobodyWaits } from './engine/engine-errors.ts';

/** expected: what the body holds, in words. */
export function checkedBody<T extends TSchema>(schema: T, body: unknown, expected: string): Static<T> {
  if (Value.Check(schema, body)) return body as Static<T>;
  const [first] = Value.Errors(schema, body);
  throw new StromaError(
    {
      code: 'request.invalid',
      message: 'The request is not one of this service.',
      expected,
      found: `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim(),
    },
    400,
  );
}

/** Aborts when nobody waits for the answer any more. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on('close', () => gone.abort(nobodyWaits()));
  return gone.signal;
}
