import { type Doorbell, listen } from '@stroma/db/listen';
import { runChannel } from '@stroma/db/runs';
import { shared } from '../plugin.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Rings with a run's id whenever that run changed. */
    runsDoorbell: Doorbell;
  }
}

export const runsDoorbell = shared('runs-doorbell', ['connection'], async (app) => {
  const doorbell = await listen(app.connection, runChannel);
  app.decorate('runsDoorbell', doorbell);
  app.addHook('onClose', () => doorbell.close());
});
