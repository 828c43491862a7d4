import { useEffect, useRef } from 'react';
import type { HeatPicture } from './heat-picture.ts';
import type { SlideStage } from './slide-stage.ts';
import classes from './viewer.module.css';

/** A crop outlined on the slide, in level-0 px. */
export interface Mark {
  x0: number;
  y0: number;
  size0X: number;
  size0Y: number;
}

/** The one canvas over the tissue: the heat map, and the outline of the crop that is pointed at. */
export function HeatLayer({
  stage,
  picture,
  opacity,
  mark,
}: {
  stage: SlideStage;
  picture: HeatPicture | null;
  opacity: number;
  mark: Mark | null;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen) return;
    const draw = () => {
      const ratio = window.devicePixelRatio;
      const { clientWidth, clientHeight } = element;
      if (element.width !== clientWidth * ratio || element.height !== clientHeight * ratio) {
        element.width = clientWidth * ratio;
        element.height = clientHeight * ratio;
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, clientWidth, clientHeight);
      if (picture) {
        const from = stage.onScreen(picture.left, picture.top);
        const to = stage.onScreen(picture.left + picture.width, picture.top + picture.height);
        pen.globalAlpha = opacity;
        pen.imageSmoothingEnabled = false;
        pen.drawImage(picture.image, from.x, from.y, to.x - from.x, to.y - from.y);
        pen.globalAlpha = 1;
      }
      if (mark) outline(pen, stage, mark);
      element.dataset.drawn = String(picture !== null);
      element.dataset.count = String(picture?.count ?? 0);
    };
    draw();
    return stage.onChange(draw);
  }, [stage, picture, opacity, mark]);
  return <canvas ref={canvas} className={classes.heat} data-testid="heat-map" />;
}

/** White on black, so that it shows on tissue and on glass; at least 8 px, so that it shows from afar. */
function outline(pen: CanvasRenderingContext2D, stage: SlideStage, { x0, y0, size0X, size0Y }: Mark) {
  const from = stage.onScreen(x0, y0);
  const to = stage.onScreen(x0 + size0X, y0 + size0Y);
  const grow = Math.max(0, (8 - (to.x - from.x)) / 2);
  const box = [from.x - grow, from.y - grow, to.x - from.x + 2 * grow, to.y - from.y + 2 * grow] as const;
  pen.lineWidth = 5;
  pen.strokeStyle = '#0c0f10';
  pen.strokeRect(...box);
  pen.lineWidth = 2;
  pen.strokeStyle = '#ffffff';
  pen.strokeRect(...box);
}
