import { type ColourMap, colourMaps, colourTable, shadeAt, shades } from './colour-maps.ts';
import { blended, type HeatGrid, onGrid } from './heat-grid.ts';
import type { HeatLook, HeatPainter } from './heat-painter.ts';
import { type HeatValues, isAbove, onScale } from './heat-values.ts';

/** Px of a smooth picture: 3 × 3 a crop for 100,000 of them. From there on the canvas blends colours. */
const smoothPx = 1.5e6;

/**
 * For browsers without a graphics processor: a picture of one px a crop, made anew when values or look change, enlarged
 * by the canvas.
 */
export function canvasPainter(canvas: HTMLCanvasElement): HeatPainter | null {
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  let loaded: { grid: HeatGrid; values: HeatValues } | null = null;
  let field: { cells: Cells; of: string } | null = null;
  let picture: { image: HTMLCanvasElement; of: string } | null = null;
  const clear = () => {
    pen.resetTransform();
    pen.clearRect(0, 0, canvas.width, canvas.height);
  };
  return {
    kind: 'canvas',
    load(grid, values) {
      loaded = { grid, values };
      field = null;
      picture = null;
    },
    paint({ origin, right, down }, look) {
      clear();
      if (!loaded) return;
      const { grid, values } = loaded;
      const { columns, rows } = grid;
      // Colours and threshold change while a hand is on them; what they colour stays.
      const cellsOf = `${look.mode} ${look.smooth}`;
      if (field?.of !== cellsOf) field = { cells: cellsFor(grid, values[look.mode], look.smooth), of: cellsOf };
      const of = `${cellsOf} ${look.map} ${look.threshold}`;
      if (picture?.of !== of) picture = { image: pictureOf(grid, field.cells, values.signed, look), of };
      pen.globalAlpha = look.opacity;
      pen.imageSmoothingEnabled = look.smooth;
      const [across, along] = [(right.x - origin.x) / columns, (right.y - origin.y) / columns];
      pen.setTransform(across, along, (down.x - origin.x) / rows, (down.y - origin.y) / rows, origin.x, origin.y);
      pen.drawImage(picture.image, 0, 0, columns, rows);
    },
    clear,
  };
}

/** A cell's own value, which the threshold looks at, and the values of its `side` × `side` px. */
interface Cells {
  own: Float32Array;
  shown: Float32Array;
  side: number;
}

function cellsFor(grid: HeatGrid, values: Float32Array, smooth: boolean): Cells {
  const own = onGrid(grid, values);
  const side = smooth ? pxACell(grid) : 1;
  return { own, shown: side > 1 ? blended(grid, own, side) : own, side };
}

function pictureOf(
  grid: HeatGrid,
  { own, shown, side }: Cells,
  signed: boolean,
  { map, threshold }: HeatLook,
): HTMLCanvasElement {
  const width = grid.columns * side;
  const colours = coloursOf(map);
  const rgba = new Uint32Array(shown.length);
  for (let i = 0; i < shown.length; i += 1) {
    const cell = Math.floor(i / width / side) * grid.columns + Math.floor((i % width) / side);
    if (!isAbove(own[cell] ?? Number.NaN, threshold)) continue;
    rgba[i] = colours[shadeAt(onScale(shown[i] ?? 0, signed))] ?? 0;
  }
  const pixels = new ImageData(new Uint8ClampedArray(rgba.buffer), width);
  const image = document.createElement('canvas');
  Object.assign(image, { width, height: pixels.height });
  image.getContext('2d')?.putImageData(pixels, 0, 0);
  return image;
}

/** Along each axis. Odd, so that a cell's middle has its own value. */
function pxACell({ columns, rows }: HeatGrid): number {
  const most = Math.floor(Math.sqrt(smoothPx / (columns * rows)));
  return Math.max(1, Math.min(7, most - ((most + 1) % 2)));
}

/** RGBA in the order of bytes. */
const coloursOf = (map: ColourMap) =>
  new Uint32Array(colourTable().buffer).subarray(
    colourMaps.indexOf(map) * shades,
    (colourMaps.indexOf(map) + 1) * shades,
  );
