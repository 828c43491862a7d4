import { useEffect, useRef } from 'react';
import { drawTissue, type TissuePicture } from '../crops/draw-tissue.ts';
import { freshPen } from '../parts/fresh-pen.ts';
import type { SlideStage } from './slide-stage.ts';
import classes from './viewer.module.css';

/** The tissue mask and the planned crops over the slide. */
export function TissueLayer({ stage, tissue }: { stage: SlideStage; tissue: TissuePicture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => {
      const fresh = freshPen(element);
      if (!fresh) return;
      const { pen, width, height } = fresh;
      const { rotation } = stage.place();
      // A turned slide shows what lies beyond the upright one's corners.
      const beyond = rotation === 0 ? 0 : Math.hypot(width, height) / 2;
      pen.translate(width / 2, height / 2);
      pen.rotate((rotation * Math.PI) / 180);
      pen.translate(-width / 2 - beyond, -height / 2 - beyond);
      const onScreen = (x0: number, y0: number) => {
        const { x, y } = stage.onScreenUpright(x0, y0);
        return { x: x + beyond, y: y + beyond };
      };
      const drawn = drawTissue(pen, tissue, onScreen, { width: width + 2 * beyond, height: height + 2 * beyond });
      element.dataset.mask = String(tissue.mask !== null);
      element.dataset.crops = String(drawn);
    };
    draw();
    return stage.onChange(draw);
  }, [stage, tissue]);
  return <canvas ref={canvas} className={classes.heat} data-testid="tissue-layer" />;
}
