import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { StromaError } from '@stroma/core/errors';

const host = '127.0.0.1';
/** The services of a launcher that was killed give their port back within this time. */
const handoverMs = 9_000;

/** A port of this machine's loopback that nobody uses now. */
export function freePort(): Promise<number> {
  return bind(0);
}

export async function claimPort(port: number): Promise<number> {
  for (const deadline = Date.now() + handoverMs; ; await sleep(200)) {
    try {
      return await bind(port);
    } catch (error) {
      if (Date.now() < deadline && (error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw new StromaError({
        code: 'start.port_in_use',
        message: `Port ${port} cannot be used.`,
        found: (error as Error).message,
        remedy: 'Stop the program that uses it, or choose another: npm start -- --port 3100',
      });
    }
  }
}

function bind(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : port));
    });
  });
}
