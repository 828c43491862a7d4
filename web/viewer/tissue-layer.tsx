import { useEffect, useRef } from 'react';
import { drawTissue, type TissuePicture } from '../crops/draw-tissue.ts';
import type { SlideStage } from './slide-stage.ts';
import classes from './viewer.module.css';

/** The tissue mask and the planned crops over the slide. */
export function TissueLayer({ stage, tissue }: { stage: SlideStage; tissue: TissuePicture }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    const pen = element?.getContext('2d');
    if (!element || !pen) return;
    const draw = () => {
      const ratio = window.devicePixelRatio;
      const { clientWidth: width, clientHeight: height } = element;
      if (element.width !== width * ratio || element.height !== height * ratio) {
        element.width = width * ratio;
        element.height = height * ratio;
      }
      pen.setTransform(ratio, 0, 0, ratio, 0, 0);
      pen.clearRect(0, 0, width, height);
      const drawn = drawTissue(pen, tissue, stage.onScreen, { width, height });
      element.dataset.mask = String(tissue.mask !== null);
      element.dataset.crops = String(drawn);
    };
    draw();
    return stage.onChange(draw);
  }, [stage, tissue]);
  return <canvas ref={canvas} className={classes.heat} data-testid="tissue-layer" />;
}
