import type { ApiOptions } from '../api.ts';
import { shared } from '../plugin.ts';
import { createMasks, type Masks } from '../tissue/masks.ts';
import { createTissueProcess } from '../tissue/tissue-process.ts';

declare module 'fastify' {
  interface FastifyInstance {
    masks: Masks;
  }
}

export const masks = shared<Pick<ApiOptions, 'store'>>('masks', [], async (app, { store }) => {
  const tissue = createTissueProcess();
  app.decorate('masks', createMasks(store, tissue));
  app.addHook('onClose', async () => tissue.close());
});
