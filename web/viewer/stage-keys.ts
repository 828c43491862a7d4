import { magnifications, zoomOf } from './magnification.ts';
import type { Shortcuts } from './shortcuts.ts';
import type { SlideStage } from './slide-stage.ts';

const panPx = 120;
const zoomStep = 1.4;
/** Degrees of one turn. */
export const turnBy = 15;

/** Keys that move the slide. */
export function stageKeys(stage: SlideStage | null, mpp: number | null): Shortcuts {
  if (!stage) return [];
  return [
    ['ArrowLeft', () => stage.panBy(-panPx, 0)],
    ['ArrowRight', () => stage.panBy(panPx, 0)],
    ['ArrowUp', () => stage.panBy(0, -panPx)],
    ['ArrowDown', () => stage.panBy(0, panPx)],
    ['+', () => stage.zoomBy(zoomStep)],
    ['=', () => stage.zoomBy(zoomStep)],
    ['-', () => stage.zoomBy(1 / zoomStep)],
    ['0', () => stage.home()],
    [',', () => stage.rotateBy(-turnBy)],
    ['.', () => stage.rotateBy(turnBy)],
    ['<', () => stage.rotateBy(-90)],
    ['>', () => stage.rotateBy(90)],
    ['u', () => stage.goTo({ rotation: 0 })],
    ...magnifications.map((one, index): Shortcuts[number] => [
      String(index + 1),
      () => mpp !== null && stage.goTo({ zoom: zoomOf(mpp, one) }),
    ]),
  ];
}
