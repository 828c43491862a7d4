import { Type } from '@fastify/type-provider-typebox';
import { StromaError } from '@stroma/core/errors';
import { findSlide, slideLevels } from '@stroma/db/slide-list';
import type { Api } from '../api.ts';
import { goneSignal } from '../gone-signal.ts';
import { notModified } from '../not-modified.ts';
import { noSlide } from '../slides/slide-message.ts';

const index = Type.Integer({ minimum: 0, maximum: 10_000_000 });
const params = Type.Object({ id: Type.String({ format: 'uuid' }), zoom: index, column: index, row: index });

interface TiledSlide {
  file: string;
  sha256: string;
  /** Finest first; columns and rows of tiles. */
  levels: { columns: number; rows: number }[];
}

/** A slide's bytes and levels never change, so what is needed for its tiles is read once. */
const maxKnown = 2_000;

export async function tiles(app: Api): Promise<void> {
  const { db } = app.connection;
  const known = new Map<string, TiledSlide>();

  async function tiledSlide(id: string): Promise<TiledSlide> {
    const [slide, levels] = await Promise.all([findSlide(db, id), slideLevels(db, id)]);
    if (!slide) throw noSlide(id);
    const tiled = {
      file: app.store.localPath(slide.objectKey),
      sha256: slide.sha256,
      levels: levels.map(({ width, height, tileWidth, tileHeight }) => {
        return { columns: Math.ceil(width / tileWidth), rows: Math.ceil(height / tileHeight) };
      }),
    };
    if (known.size >= maxKnown) known.clear();
    known.set(id, tiled);
    return tiled;
  }

  app.get(
    '/api/slides/:id/tiles/:zoom/:column/:row',
    { config: { rule: 'signed-in' }, schema: { params } },
    async (request, reply) => {
      const { id, zoom, column, row } = request.params;
      const slide = known.get(id) ?? (await tiledSlide(id));
      const level = slide.levels.length - 1 - zoom;
      const grid = slide.levels[level];
      if (!grid || column >= grid.columns || row >= grid.rows) throw outside(slide, grid, { zoom, column, row });
      const name = `${slide.sha256.slice(0, 32)}-${zoom}-${column}-${row}`;
      if (notModified(request, reply, name)) return reply.send();
      const tile =
        app.tileReading.known(name) ??
        (await app.tileReading.read(name, { file: slide.file, level, column, row }, goneSignal(reply)));
      return reply.type('image/jpeg').send(tile);
    },
  );
}

function outside(
  slide: TiledSlide,
  grid: { columns: number; rows: number } | undefined,
  { zoom, column, row }: { zoom: number; column: number; row: number },
): StromaError {
  return new StromaError(
    {
      code: 'tile.outside',
      message: 'There is no such tile: it lies outside the slide.',
      expected: grid
        ? `a column below ${grid.columns} and a row below ${grid.rows}`
        : `a zoom index from 0 to ${slide.levels.length - 1}`,
      found: `zoom ${zoom}, column ${column}, row ${row}`,
    },
    404,
  );
}
