import type { FastifyReply } from 'fastify';

/** Takes the socket from Fastify, keeping the headers that the plugins set; the caller writes and ends the answer. */
export function takeSocket(reply: FastifyReply): void {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.raw.setHeader('cache-control', 'no-store');
}
