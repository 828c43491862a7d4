import type { SlideStage } from './slide-stage.ts';

/** Screen px inside the stage. */
export interface ScreenBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** The upright rectangle in level-0 px around a rectangle on screen; the slide may be turned. */
export function boxOnScreen(stage: Pick<SlideStage, 'onScreen'>, { x, y, width, height }: ScreenBox) {
  const far = 10_000;
  const origin = stage.onScreen(0, 0);
  const right = stage.onScreen(far, 0);
  const down = stage.onScreen(0, far);
  const [ax, ay] = [(right.x - origin.x) / far, (right.y - origin.y) / far];
  const [bx, by] = [(down.x - origin.x) / far, (down.y - origin.y) / far];
  const area = ax * by - ay * bx;
  const corners = [
    [x, y],
    [x + width, y],
    [x, y + height],
    [x + width, y + height],
  ].map(([atX = 0, atY = 0]) => {
    const [dx, dy] = [atX - origin.x, atY - origin.y];
    return { x: (by * dx - bx * dy) / area, y: (ax * dy - ay * dx) / area };
  });
  const x0 = Math.min(...corners.map((corner) => corner.x));
  const y0 = Math.min(...corners.map((corner) => corner.y));
  return {
    x0,
    y0,
    width0: Math.max(...corners.map((corner) => corner.x)) - x0,
    height0: Math.max(...corners.map((corner) => corner.y)) - y0,
  };
}

export function wholeScreen({ viewer }: Pick<SlideStage, 'viewer'>): ScreenBox {
  return { x: 0, y: 0, width: viewer.element.clientWidth, height: viewer.element.clientHeight };
}
