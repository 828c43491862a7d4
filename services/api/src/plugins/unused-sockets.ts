import type { Socket } from 'node:net';
import { shared } from '../plugin.ts';

/**
 * Browsers open spare connections that carry no request yet. Node does not count them as idle, so a close would wait
 * for them.
 */
export const unusedSockets = shared('unused-sockets', [], async (app) => {
  const unused = new Set<Socket>();
  app.server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  app.server.on('request', (request) => unused.delete(request.socket));
  app.addHook('preClose', async () => {
    for (const socket of unused) socket.destroy();
  });
});
