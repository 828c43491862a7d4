import type { CropPreview, TissueMessage } from '@stroma/core/http/tissue';

export interface TissuePicture {
  mask: { place: TissueMessage; picture: HTMLCanvasElement } | null;
  grid: CropPreview | null;
  /** Of the mask. */
  opacity: number;
}

type Screen = (x0: number, y0: number) => { x: number; y: number };

/** Below this size on screen squares would be a solid colour: they are drawn without their neighbours' lines. */
const leastSquarePx = 3;

/** Mask and grid onto a canvas of this size, wherever the slide lies on it. Returns how many squares were drawn. */
export function drawTissue(
  pen: CanvasRenderingContext2D,
  { mask, grid, opacity }: TissuePicture,
  onScreen: Screen,
  size: { width: number; height: number },
): number {
  if (mask) {
    const { width, height, downsampleX, downsampleY } = mask.place;
    const from = onScreen(0, 0);
    const to = onScreen(width * downsampleX, height * downsampleY);
    pen.globalAlpha = opacity;
    pen.imageSmoothingEnabled = false;
    pen.drawImage(mask.picture, from.x, from.y, to.x - from.x, to.y - from.y);
    pen.globalAlpha = 1;
  }
  if (!grid?.crops) return 0;
  const { x0, y0, kept } = grid.crops;
  const paths = { kept: new Path2D(), left: new Path2D() };
  let drawn = 0;
  const corner = onScreen(0, 0);
  const far = onScreen(grid.size0.x, grid.size0.y);
  const [across, down] = [far.x - corner.x, far.y - corner.y];
  if (across < leastSquarePx) return 0;
  for (const [i, x] of x0.entries()) {
    const from = onScreen(x, y0[i] ?? 0);
    if (from.x > size.width || from.y > size.height || from.x + across < 0 || from.y + down < 0) continue;
    paths[kept[i] ? 'kept' : 'left'].rect(from.x, from.y, across, down);
    drawn += 1;
  }
  pen.lineWidth = 3;
  pen.strokeStyle = 'rgb(255 255 255 / 70%)';
  pen.stroke(paths.kept);
  pen.lineWidth = 1.25;
  pen.strokeStyle = '#0c3f46';
  pen.stroke(paths.kept);
  pen.setLineDash([4, 4]);
  pen.strokeStyle = '#7a6a2a';
  pen.stroke(paths.left);
  pen.setLineDash([]);
  return drawn;
}
