import { request as httpRequest, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { type Problem, StromaError } from '@stroma/core/errors';

/** A walk's step takes seconds on a CPU; a minute means that the service hangs. */
const timeoutMs = 60_000;

/** Asks the inference service over its unix socket. Aborting the signal ends its work, too. */
export async function askInference<Answer>(
  socketPath: string | undefined,
  path: string,
  body: unknown,
  signal: AbortSignal,
): Promise<Answer> {
  if (!socketPath) throw unreachable('no STROMA_INFERENCE_SOCKET is set');
  const { status, answer } = await post(socketPath, path, JSON.stringify(body), signal).catch((error: Error) => {
    throw unreachable(error.message);
  });
  if (status >= 200 && status < 300) return answer as Answer;
  const problem = (answer as { error?: Problem } | undefined)?.error;
  if (problem) throw new StromaError(problem, status);
  throw unreachable(`status ${status} without a reason`);
}

async function post(socketPath: string, path: string, body: string, signal: AbortSignal) {
  const outgoing = httpRequest({
    socketPath,
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const incoming = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve).once('error', reject);
  });
  outgoing.end(body);
  const response = await incoming;
  return { status: response.statusCode ?? 500, answer: await json(response) };
}

function unreachable(found: string): StromaError {
  return new StromaError(
    {
      code: 'inference.unreachable',
      message: 'The inference service does not answer, so nothing can be drawn now.',
      expected: 'the inference service at its socket',
      found,
      where: 'STROMA_INFERENCE_SOCKET',
      remedy: 'Wait a moment and try again; if it stays, look at the log of the inference service.',
    },
    503,
  );
}
