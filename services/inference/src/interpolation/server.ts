import { lstat, mkdir, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { asProblem, StromaError } from '@stroma/core/errors';
import { InterpolationRequest } from '@stroma/core/http/interpolation';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Interpolator } from './interpolator.ts';

/** POST /interpolations of the internal API: the public request with its job. */
export const InternalInterpolation = Type.Object({ jobId: Type.Integer(), ...InterpolationRequest.properties });
export type InternalInterpolation = Static<typeof InternalInterpolation>;

const bodyLimit = 10_000;

export function interpolationServer(interpolator: Interpolator, log: (message: string) => void): FastifyInstance {
  const server = Fastify({ bodyLimit });
  server.get('/health', async () => ({ ok: true }));
  server.post('/interpolations', async (request, reply) => {
    const { jobId, ...wanted } = checked(request.body);
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort(aborted()));
    const answer = await interpolator.draw(jobId, wanted, gone.signal);
    log(`interpolation of job ${jobId}, alpha ${wanted.alphaPrimary} (${answer.seconds.toFixed(3)} s)`);
    return answer;
  });
  server.setErrorHandler(async (error, _request, reply) => {
    const known = error instanceof StromaError;
    const status = known ? error.status : ((error as { statusCode?: number }).statusCode ?? 500);
    if (!known && status >= 500) log(`interpolation failed: ${String((error as Error).stack ?? error)}`);
    await reply.code(status).send({ error: asProblem(error) });
  });
  return server;
}

/** Listens on a unix socket. A socket that nobody answers any more is a dead service's and is removed. */
export async function listenOnSocket(server: FastifyInstance, socket: string): Promise<void> {
  await mkdir(path.dirname(socket), { recursive: true });
  if (await answers(socket)) {
    throw new StromaError({
      code: 'inference.socket_taken',
      message: 'Another inference service already answers on the socket.',
      where: socket,
      remedy: 'End it, or set STROMA_INFERENCE_SOCKET to another path.',
    });
  }
  const left = await lstat(socket).catch(() => undefined);
  if (left && !left.isSocket()) {
    throw new StromaError({
      code: 'inference.socket_path',
      message: 'The place of the inference socket is taken by something else.',
      expected: 'nothing, or a socket',
      where: socket,
      remedy: 'Set STROMA_INFERENCE_SOCKET to another path.',
    });
  }
  await rm(socket, { force: true });
  await server.listen({ path: socket });
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connectSocket(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.once('error', () => resolve(false));
  });
}

function checked(body: unknown): InternalInterpolation {
  if (Value.Check(InternalInterpolation, body)) return body;
  const [first] = Value.Errors(InternalInterpolation, body);
  throw new StromaError(
    {
      code: 'request.invalid',
      message: 'The request is not an interpolation.',
      expected: 'jobId, primaryCropId, secondaryCropId, alphaPrimary 0…1, optionally replica and steps 2…50',
      found: `${first?.instancePath ?? ''} ${first?.message ?? ''}`.trim(),
    },
    400,
  );
}

function aborted(): StromaError {
  return new StromaError({ code: 'inference.aborted', message: 'Nobody waits for the answer.' }, 499);
}
