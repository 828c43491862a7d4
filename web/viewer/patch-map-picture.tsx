import type { CropDetail } from '@stroma/core/http/crop';
import { useEffect, useRef } from 'react';
import { colourAt, type SequentialMap } from './colour-maps.ts';
import classes from './patch-attention.module.css';
import { type PatchMap, smoothed } from './patch-maps.ts';

/** Points of the drawn map, whatever its size on the screen. */
const side = 128;

interface Props {
  crop: Pick<CropDetail, 'id' | 'sizePx'>;
  map: PatchMap;
  grid: number;
  colours: SequentialMap;
  opacity: number;
  /** For who does not see it; none where words beside it tell. */
  label?: string;
}

/** A map in colours over the crop's own pixels, from 0 to the map's largest patch. */
export function PatchMapPicture({ crop, map, grid, colours, opacity, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(side, side);
    for (const [i, share] of smoothed(map.shares, grid, side).entries()) {
      picture.data.set([...colourAt(colours, map.highest > 0 ? share / map.highest : 0), 255], 4 * i);
    }
    context.putImageData(picture, 0, 0);
  }, [map, grid, colours]);
  return (
    <span className={classes.picture}>
      {/* biome-ignore lint/performance/noImgElement: as stored */}
      <img src={`/api/crops/${crop.id}/image`} alt="" width={crop.sizePx} height={crop.sizePx} />
      <canvas
        ref={canvas}
        width={side}
        height={side}
        style={{ opacity }}
        {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
        data-testid="patch-map"
      />
    </span>
  );
}
