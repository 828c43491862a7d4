import type OpenSeadragon from 'openseadragon';
import { useEffect } from 'react';
import { magnificationAt, nextMagnification, zoomOf } from './magnification.ts';
import type { SlideStage } from './slide-stage.ts';

/** A double click or tap zooms to the next magnification, the point under it staying where it is. */
export function useDoubleClick(stage: SlideStage | null, mpp: number | null) {
  useEffect(() => {
    if (!stage) return;
    const { viewer } = stage;
    const next = ({ position }: OpenSeadragon.CanvasDoubleClickEvent) => {
      const { zoom } = stage.target();
      if (mpp === null) return stage.zoomTo(zoom * 2, position);
      const shown = magnificationAt(mpp, zoom);
      const wanted = nextMagnification(shown);
      if (wanted > shown) stage.zoomTo(zoomOf(mpp, wanted), position);
    };
    viewer.addHandler('canvas-double-click', next);
    return () => viewer.removeHandler('canvas-double-click', next);
  }, [stage, mpp]);
}
