import { lstat, mkdir, rm } from 'node:fs/promises';
import { connect as connectSocket } from 'node:net';
import path from 'node:path';
import { asProblem, StromaError } from '@stroma/core/errors';
import { InterpolationRequest, WalkFileQuery, WalkTowards } from '@stroma/core/http/interpolation';
import Fastify, { type FastifyInstance } from 'fastify';
import { type Static, type TSchema, Type } from 'typebox';
import { checkedBody, goneSignal } from '../internal-request.ts';
import { Interpolator, type InterpolatorOptions } from './interpolator.ts';
import { proposeWalk } from './propose-walk.ts';
import { walkFile } from './walk-file.ts';

/** The internal API: the public requests with what they are about. */
const jobId = Type.Integer();
const InternalInterpolation = Type.Object({ jobId, ...InterpolationRequest.properties });
const InternalOpening = Type.Object({ jobId });
const InternalProposal = Type.Object({ predictionId: Type.Integer(), ...WalkTowards.properties });
const InternalFile = Type.Object({ jobId, ...WalkFileQuery.properties });

const expected = 'what core/src/http/interpolation.ts describes, with the job or the prediction';
const checked = <T extends TSchema>(schema: T, body: unknown): Static<T> => checkedBody(schema, body, expected);

const bodyLimit = 10_000;

export function interpolationServer(options: InterpolatorOptions, log: (message: string) => void): FastifyInstance {
  const interpolator = new Interpolator(options);
  const server = Fastify({ bodyLimit });
  server.get('/health', async () => ({ ok: true }));
  server.post('/interpolations', async (request, reply) => {
    const { jobId, ...wanted } = checked(InternalInterpolation, request.body);
    const answer = await interpolator.draw(jobId, wanted, goneSignal(reply));
    log(`interpolation of job ${jobId}, alpha ${wanted.alphaPrimary} (${answer.seconds.toFixed(3)} s)`);
    return answer;
  });
  server.post('/walks/opening', async (request) => {
    const { eldmCard } = await interpolator.open(checked(InternalOpening, request.body).jobId);
    return { steps: eldmCard.ddim_steps, guidanceScale: eldmCard.guidance_scale, imagePx: eldmCard.image_px };
  });
  server.post('/walks/proposal', async (request, reply) => {
    return await proposeWalk(interpolator, options, checked(InternalProposal, request.body), goneSignal(reply));
  });
  server.post('/walks/file', async (request, reply) => {
    const { jobId, ...query } = checked(InternalFile, request.body);
    const { content, ...file } = await walkFile(interpolator, jobId, query, goneSignal(reply));
    return { ...file, content: content.toString('base64') };
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
