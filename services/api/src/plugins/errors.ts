import { asProblem, type Problem, StromaError } from '@stroma/core/errors';
import type { FastifyError, FastifyRequest } from 'fastify';
import { shared } from '../plugin.ts';

/** Every error leaves as `{error: Problem}`, whoever raised it. */
export const errors = shared('errors', [], async (app) => {
  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const { status, problem } = describe(error, request);
    if (status >= 500) {
      // A Problem explains itself; anything else needs its stack.
      const cause = error instanceof StromaError ? { problem } : { err: error };
      request.log.error({ ...cause, url: request.url }, problem.message);
    }
    reply.removeHeader('etag');
    return reply.code(status).header('cache-control', 'no-store').send({ error: problem });
  });
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: noSuchPath(request) }));
});

export function noSuchPath(request: FastifyRequest): Problem {
  return {
    code: 'request.path',
    message: 'There is nothing at this address.',
    found: `${request.method} ${request.url.split('?')[0]}`,
    remedy: 'GET /api/openapi.json lists every address.',
  };
}

function describe(error: FastifyError, request: FastifyRequest): { status: number; problem: Problem } {
  if (error instanceof StromaError) return { status: error.status, problem: error.problem };
  const first = error.validation?.[0];
  if (first) {
    const part = error.validationContext ?? 'request';
    const where = `${part}${first.instancePath.replaceAll('/', '.')}`;
    const problem: Problem = {
      code: 'request.invalid',
      message: `The request is not what ${request.method} ${request.routeOptions.url} takes: ${where} ${first.message}.`,
      expected: expectation(first.keyword, first.params, first.message),
      where,
      remedy: 'Compare the request with GET /api/openapi.json.',
    };
    const found = valueAt(part, first.instancePath, request);
    return { status: 400, problem: found === undefined ? problem : { ...problem, found } };
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return { status, problem: { code: 'request.refused', message: error.message } };
  return { status, problem: asProblem(error) };
}

function expectation(keyword: string, params: Record<string, unknown>, message = ''): string {
  if (keyword === 'const') return String(params.allowedValue);
  if (keyword === 'required') return `a value for ${String(params.missingProperty)}`;
  return message.replace(/^must (be |match )?/, '');
}

/** The offending value, cut to a length that can be read. */
function valueAt(part: string, pointer: string, request: FastifyRequest): string | undefined {
  if (/password|token/i.test(pointer)) return undefined;
  let value: unknown = { body: request.body, params: request.params, querystring: request.query }[part];
  for (const key of pointer.split('/').slice(1)) value = (value as Record<string, unknown> | undefined)?.[key];
  const text = JSON.stringify(value);
  return text && text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
