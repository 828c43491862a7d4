import type OpenSeadragon from 'openseadragon';

/** Screen px; less is not seen, and is what remains after a move. */
const least = 1e-3;

/**
 * Brings a view onto whole px of the display, by half of one at most: where a level is shown px by px, none is mixed
 * with its neighbours. For a drawer that leaves tiles wherever the view has them. A slide that is turned askew stays.
 */
export function restOnPx(
  library: typeof OpenSeadragon,
  viewport: OpenSeadragon.Viewport,
  image: OpenSeadragon.TiledImage,
): void {
  if (viewport.getRotation(true) % 90 !== 0) return;
  const px = library.pixelDensityRatio;
  // Half a px goes right and down, whatever the last digits are.
  const off = (at: number) => at - Math.floor(at * px + 0.5 + 1e-6) / px;
  const corner = image.imageToViewerElementCoordinates(new library.Point(0, 0));
  const move = new library.Point(off(corner.x), off(corner.y));
  if (Math.max(Math.abs(move.x), Math.abs(move.y)) < least) return;
  viewport.panBy(viewport.deltaPointsFromPixels(move, true), true);
}
