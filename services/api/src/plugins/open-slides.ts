import { shared } from '../plugin.ts';
import { createOpenSlides, type OpenSlides } from '../slides/open-slides.ts';

declare module 'fastify' {
  interface FastifyInstance {
    openSlides: OpenSlides;
  }
}

export const openSlides = shared('open-slides', [], async (app) => {
  const slides = createOpenSlides();
  app.decorate('openSlides', slides);
  app.addHook('onClose', () => slides.close());
});
