import { EventEmitter, once } from 'node:events';
import type { Connection } from './client.ts';

export interface Doorbell {
  /** Resolves at once when it rang since the last wait, else at the next ring or after timeoutMs. */
  next(timeoutMs: number): Promise<void>;
  /** Calls the listener with each payload; returns how to stop that. */
  onRing(listener: (payload: string) => void): () => void;
  close(): Promise<void>;
}

/** LISTENs on a channel over one connection of its own; a broken connection is opened again. */
export async function listen(connection: Connection, channel: string, stop?: AbortSignal): Promise<Doorbell> {
  const rings = new EventEmitter();
  rings.setMaxListeners(0);
  let rang = false;
  rings.on('ring', () => {
    rang = true;
  });
  let closed = false;
  let current = await connectClient();

  async function connectClient() {
    const client = await connection.pool.connect();
    client.on('notification', (message) => rings.emit('ring', message.payload ?? ''));
    client.on('error', () => {
      client.release(true);
      void reconnect();
    });
    await client.query(`listen ${channel}`);
    return client;
  }

  async function reconnect() {
    while (!closed) {
      try {
        current = await connectClient();
        rings.emit('ring', '');
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  return {
    async next(timeoutMs) {
      if (!rang) {
        const timeout = AbortSignal.timeout(timeoutMs);
        await once(rings, 'ring', { signal: stop ? AbortSignal.any([timeout, stop]) : timeout }).catch(() => undefined);
      }
      rang = false;
    },
    onRing(listener) {
      rings.on('ring', listener);
      return () => rings.off('ring', listener);
    },
    async close() {
      closed = true;
      current.release(true);
    },
  };
}
