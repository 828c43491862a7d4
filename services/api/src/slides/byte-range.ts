import { StromaError } from '@stroma/core/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

export interface ByteRange {
  from: number;
  /** Behind the last byte. */
  to: number;
}

/**
 * The part of a file that is asked for (RFC 9110, 14.2), with the answer's headers set: a download that broke off goes
 * on where it ended. Several ranges at once, and a range of another version of the file, get the whole file.
 */
export function answerRange(request: FastifyRequest, reply: FastifyReply, bytes: number, etag: string): ByteRange {
  reply.header('accept-ranges', 'bytes').header('etag', etag);
  const ifRange = request.headers['if-range'];
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  const whole = { from: 0, to: bytes };
  const range = match && (ifRange === undefined || ifRange === etag) ? rangeOf(match[1], match[2], bytes) : whole;
  if (!range) {
    reply.header('content-range', `bytes */${bytes}`);
    throw outside(request.headers.range ?? '', bytes);
  }
  if (range !== whole) reply.code(206).header('content-range', `bytes ${range.from}-${range.to - 1}/${bytes}`);
  reply.header('content-length', range.to - range.from);
  return range;
}

function rangeOf(first = '', last = '', bytes: number): ByteRange | undefined {
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  return from < to ? { from, to } : undefined;
}

function outside(found: string, bytes: number): StromaError {
  return new StromaError(
    {
      code: 'request.range',
      message: 'The part of the file that was asked for does not exist.',
      expected: `a range within ${bytes} bytes`,
      found: found.slice(0, 100),
      where: 'header Range',
      remedy: 'Start the download again.',
    },
    416,
  );
}
