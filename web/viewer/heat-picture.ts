import type { AttentionMessage } from '@stroma/core/http/slide';
import type { HeatValues } from './heat-values.ts';
import { viridis } from './viridis.ts';

export interface HeatPicture {
  /** One px a crop: enlarged without smoothing, so that nothing is painted between crops or on glass. */
  image: HTMLCanvasElement;
  /** Where the picture lies, in level-0 px. */
  left: number;
  top: number;
  width: number;
  height: number;
  count: number;
}

const shades = Array.from({ length: 256 }, (_, step) => viridis(step / 255));

export function heatPicture(
  attention: AttentionMessage,
  { values }: HeatValues,
  threshold: number,
): HeatPicture | null {
  const { x0, y0, size0X, size0Y } = attention;
  if (x0.length === 0) return null;
  const columns = x0.map((x) => Math.round(x / size0X));
  const rows = y0.map((y) => Math.round(y / size0Y));
  const firstColumn = columns.reduce((a, b) => Math.min(a, b));
  const firstRow = rows.reduce((a, b) => Math.min(a, b));
  const image = document.createElement('canvas');
  image.width = columns.reduce((a, b) => Math.max(a, b)) - firstColumn + 1;
  image.height = rows.reduce((a, b) => Math.max(a, b)) - firstRow + 1;
  const pen = image.getContext('2d');
  if (!pen) return null;

  const pixels = pen.createImageData(image.width, image.height);
  let count = 0;
  values.forEach((value, index) => {
    if (value < threshold) return;
    const at = (((rows[index] ?? 0) - firstRow) * image.width + (columns[index] ?? 0) - firstColumn) * 4;
    pixels.data.set([...(shades[Math.round(value * 255)] ?? [0, 0, 0]), 255], at);
    count += 1;
  });
  pen.putImageData(pixels, 0, 0);
  return {
    image,
    left: firstColumn * size0X,
    top: firstRow * size0Y,
    width: image.width * size0X,
    height: image.height * size0Y,
    count,
  };
}
