import type OpenSeadragon from 'openseadragon';

/** Along one axis, in display px: a tile as the library draws it, and the whole px it ought to cover. */
export interface Span {
  from: number;
  length: number;
}

/**
 * The whole px nearest to a tile's own edges; two tiles that share an edge agree on it. Half a px goes right and down,
 * whatever the last digits are. middle: how far whole px lie beside the canvas's numbers, 0 or 0.5.
 */
export function wholePx({ from, length }: Span, middle: number): Span {
  const near = (at: number) => Math.floor(at - middle + 0.5 + 1e-6) + middle;
  return { from: near(from), length: near(from + length) - near(from) };
}

/**
 * Draws every tile on whole px of the display. The library makes each one px longer to hide seams, which would stretch
 * it; edges on whole px have none, and where a level is shown px by px no px is mixed with its neighbours. A slide that
 * is turned askew is left to the library.
 */
export function tilesOnPx(viewer: OpenSeadragon.Viewer, density: () => number) {
  viewer.addHandler('tile-drawing', ({ tile, context }) => {
    const rotation = viewer.viewport.getRotation(true);
    if (rotation % 90 !== 0 || !tile.position || !tile.size) return;
    const px = density();
    // Turned by a right angle around the middle, columns come to lie on rows.
    const middle = rotation % 180 === 0 ? 0 : ((context.canvas.width + context.canvas.height) / 2) % 1;
    const [x, y] = (['x', 'y'] as const).map((axis) => {
      const from = (tile.position?.[axis] ?? 0) * px;
      const drawn = (tile.size?.[axis] ?? 0) * px;
      const whole = wholePx({ from, length: drawn - px }, middle);
      const scale = whole.length / drawn;
      return { scale, shift: whole.from - from * scale };
    });
    if (x && y) context.transform(x.scale, 0, 0, y.scale, x.shift, y.shift);
  });
}
