import { colourAt } from './colour-maps.ts';
import type { HeatGrid } from './heat-grid.ts';
import type { HeatLook, HeatPainter } from './heat-painter.ts';
import { type HeatValues, isAbove, onScale } from './heat-values.ts';

/** For browsers without WebGL 2: a picture of one px a crop, made anew when values or look change, enlarged by the canvas. */
export function canvasPainter(canvas: HTMLCanvasElement): HeatPainter | null {
  const pen = canvas.getContext('2d');
  if (!pen) return null;
  let loaded: { grid: HeatGrid; values: HeatValues } | null = null;
  let picture: { image: HTMLCanvasElement; of: string } | null = null;
  const clear = () => {
    pen.resetTransform();
    pen.clearRect(0, 0, canvas.width, canvas.height);
  };
  return {
    kind: 'canvas',
    load(grid, values) {
      loaded = { grid, values };
      picture = null;
    },
    paint({ origin, right, down }, look) {
      clear();
      if (!loaded) return;
      const { columns, rows } = loaded.grid;
      const of = `${look.mode} ${look.map} ${look.threshold}`;
      if (picture?.of !== of) picture = { image: pictureOf(loaded.grid, loaded.values, look), of };
      pen.globalAlpha = look.opacity;
      pen.imageSmoothingEnabled = look.smooth;
      const [across, along] = [(right.x - origin.x) / columns, (right.y - origin.y) / columns];
      pen.setTransform(across, along, (down.x - origin.x) / rows, (down.y - origin.y) / rows, origin.x, origin.y);
      pen.drawImage(picture.image, 0, 0);
    },
    clear,
  };
}

function pictureOf(grid: HeatGrid, values: HeatValues, { mode, map, threshold }: HeatLook): HTMLCanvasElement {
  const image = document.createElement('canvas');
  image.width = grid.columns;
  image.height = grid.rows;
  const pen = image.getContext('2d');
  const pixels = new ImageData(grid.columns, grid.rows);
  const shown = values[mode];
  grid.cells.forEach((cell, crop) => {
    const value = shown[crop] ?? 0;
    if (!isAbove(value, threshold)) return;
    pixels.data.set([...colourAt(map, onScale(value, values.signed)), 255], 4 * cell);
  });
  pen?.putImageData(pixels, 0, 0);
  return image;
}
