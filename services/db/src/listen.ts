import { EventEmitter, once } from 'node:events';
import type { Connection } from './client.ts';

export interface Doorbell {
  /** Resolves at the next notification or after timeoutMs, whichever comes first. */
  next(timeoutMs: number): Promise<void>;
  /** Called with each payload. */
  onRing(listener: (payload: string) => void): () => void;
  close(): Promise<void>;
}

/** LISTENs on a channel over one connection of its own; a broken connection is opened again at the next wait. */
export async function listen(connection: Connection, channel: string, stop?: AbortSignal): Promise<Doorbell> {
  const rings = new EventEmitter();
  rings.setMaxListeners(0);
  let broken = false;
  const connectClient = async () => {
    const client = await connection.pool.connect();
    client.on('notification', (message) => rings.emit('ring', message.payload ?? ''));
    client.on('error', () => {
      broken = true;
    });
    await client.query(`listen ${channel}`);
    return client;
  };
  let client = await connectClient();
  return {
    async next(timeoutMs) {
      if (broken) {
        client.release(true);
        client = await connectClient();
        broken = false;
      }
      const timeout = AbortSignal.timeout(timeoutMs);
      await once(rings, 'ring', { signal: stop ? AbortSignal.any([timeout, stop]) : timeout }).catch(() => undefined);
    },
    onRing(listener) {
      rings.on('ring', listener);
      return () => rings.off('ring', listener);
    },
    async close() {
      client.release(true);
    },
  };
}
