import type { CropDetail } from '@stroma/core/http/crop';
import { useState } from 'react';
import classes from './inspector.module.css';

/** The crop's pixels as stored, one screen px each as long as the panel is wide enough. */
export function CropPicture({ crop }: { crop: CropDetail }) {
  const [oneToOne, setOneToOne] = useState(false);
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: as stored */}
      <img
        className={classes.picture}
        src={`/api/crops/${crop.id}/image`}
        alt={`Crop ${crop.id} of ${crop.slideName}`}
        width={crop.sizePx}
        height={crop.sizePx}
        onLoad={({ currentTarget: { naturalWidth, clientWidth } }) => setOneToOne(naturalWidth === clientWidth)}
      />
      <p className={classes.pixels}>
        {crop.sizePx} × {crop.sizePx} px as stored{oneToOne && ', one to one'}
      </p>
    </>
  );
}
