import { shared } from '../plugin.ts';
import { createOpenSlides, type OpenSlides } from '../slides/open-slides.ts';
import { createTileReading, type TileReading } from '../slides/tile-reading.ts';

declare module 'fastify' {
  interface FastifyInstance {
    openSlides: OpenSlides;
    tileReading: TileReading;
  }
}

export const openSlides = shared('open-slides', [], async (app) => {
  const slides = createOpenSlides();
  app.decorate('openSlides', slides);
  app.decorate('tileReading', createTileReading(slides));
  app.addHook('onClose', () => slides.close());
});
