import type OpenSeadragon from 'openseadragon';
import { useEffect } from 'react';
import { magnificationAt, nextMagnification } from './magnification.ts';
import type { SlideStage } from './slide-stage.ts';

/** A double click zooms to the next magnification, the point under the mouse staying where it is. */
export function useDoubleClick(stage: SlideStage | null, mpp: number | null) {
  useEffect(() => {
    if (!stage || mpp === null) return;
    const { viewer } = stage;
    const next = ({ position }: OpenSeadragon.CanvasDoubleClickEvent) => {
      const shown = magnificationAt(mpp, stage.place().zoom);
      const factor = nextMagnification(shown) / shown;
      if (factor > 1) viewer.viewport.zoomBy(factor, viewer.viewport.pointFromPixel(position));
      viewer.viewport.applyConstraints();
    };
    viewer.addHandler('canvas-double-click', next);
    return () => viewer.removeHandler('canvas-double-click', next);
  }, [stage, mpp]);
}
