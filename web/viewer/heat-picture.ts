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
  const { x0, y0, strideShare } = attention;
  // Crops that overlap are shown by their middles, as large as the distance between them.
  const stride0X = attention.size0X * strideShare;
  const stride0Y = attention.size0Y * strideShare;
  if (x0.length === 0) return null;
  const columns = x0.map((x) => Math.round(x / stride0X));
  const rows = y0.map((y) => Math.round(y / stride0Y));
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
    left: firstColumn * stride0X + (attention.size0X - stride0X) / 2,
    top: firstRow * stride0Y + (attention.size0Y - stride0Y) / 2,
    width: image.width * stride0X,
    height: image.height * stride0Y,
    count,
  };
}
