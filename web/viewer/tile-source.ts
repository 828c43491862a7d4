import type { SlideDetail } from '@stroma/core/http/slide';
import type OpenSeadragon from 'openseadragon';

type Library = typeof OpenSeadragon;

/**
 * A slide's levels as they are: downsamples that are not powers of two, a tile size of its own for each level. Edge
 * tiles come padded to the full tile size, so the part inside the level is named as their source; without it they
 * would be squeezed.
 */
export function tileSource(library: Library, slide: SlideDetail): OpenSeadragon.TileSource {
  const levels = [...slide.levels].sort((a, b) => a.zoom - b.zoom);
  const finest = levels.at(-1);
  if (!finest) throw new Error(`${slide.name} has no level to show`);
  const aspect = slide.height0 / slide.width0;
  const at = (zoom: number) => levels[zoom] ?? finest;
  const tiles = (zoom: number) => {
    const { width, height, tileWidth, tileHeight } = at(zoom);
    return new library.Point(Math.ceil(width / tileWidth), Math.ceil(height / tileHeight));
  };

  return new library.TileSource({
    width: slide.width0,
    height: slide.height0,
    tileWidth: finest.tileWidth,
    tileHeight: finest.tileHeight,
    minLevel: 0,
    maxLevel: levels.length - 1,
    ready: true,
    getLevelScale: (zoom: number) => at(zoom).width / slide.width0,
    getTileWidth: (zoom: number) => at(zoom).tileWidth,
    getTileHeight: (zoom: number) => at(zoom).tileHeight,
    getNumTiles: tiles,
    getTileAtPoint: (zoom: number, point: OpenSeadragon.Point) => {
      const { width, height, tileWidth, tileHeight } = at(zoom);
      const last = tiles(zoom);
      const column = Math.floor((point.x * width) / tileWidth);
      const row = Math.floor(((point.y / aspect) * height) / tileHeight);
      return new library.Point(clamp(column, last.x - 1), clamp(row, last.y - 1));
    },
    getTileBounds: (zoom: number, column: number, row: number, isSource?: boolean) => {
      const { width, height, tileWidth, tileHeight } = at(zoom);
      const left = column * tileWidth;
      const top = row * tileHeight;
      const inside = { width: Math.min(tileWidth, width - left), height: Math.min(tileHeight, height - top) };
      if (isSource) {
        return new library.Rect(0, 0, unmixed(inside.width, tileWidth), unmixed(inside.height, tileHeight));
      }
      const x = 1 / width;
      const y = aspect / height;
      return new library.Rect(left * x, top * y, inside.width * x, inside.height * y);
    },
    getTileUrl: (zoom: number, column: number, row: number) =>
      `/api/slides/${slide.id}/tiles/${at(zoom).zoom}/${column}/${row}`,
  } as unknown as OpenSeadragon.TileSourceOptions);
}

/** One px less of a padded tile: smoothing would mix the padding into the slide's last px. */
const unmixed = (inside: number, tile: number) => (inside < tile && inside > 2 ? inside - 1 : inside);

const clamp = (value: number, most: number) => Math.max(0, Math.min(most, value));
