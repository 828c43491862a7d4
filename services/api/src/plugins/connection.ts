import type { Connection } from '@stroma/db/client';
import type { ObjectStore } from '@stroma/storage/object-store';
import { shared } from '../plugin.ts';

declare module 'fastify' {
  interface FastifyInstance {
    connection: Connection;
    store: ObjectStore;
  }
}

/** Opened and closed by whoever builds the api; every plugin reaches them here. */
export const connection = shared<{ connection: Connection; store: ObjectStore }>(
  'connection',
  [],
  async (app, options) => {
    app.decorate('connection', options.connection);
    app.decorate('store', options.store);
  },
);
