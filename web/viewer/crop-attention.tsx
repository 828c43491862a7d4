import type { CropDetail } from '@stroma/core/http/crop';
import classes from './inspector.module.css';
import type { Encoder } from './use-grades.ts';

/** The crop's pixels, one screen px each as long as the panel is wide enough. */
export function CropAttention({
  crop,
  onPixels,
}: {
  crop: CropDetail;
  jobId: number | null;
  encoders: Encoder[];
  onPixels: (size: number | null) => void;
}) {
  return (
    <div className={classes.picture}>
      {/* biome-ignore lint/performance/noImgElement: as stored */}
      <img
        src={`/api/crops/${crop.id}/image`}
        alt={`Crop ${crop.id} of ${crop.slideName}`}
        width={crop.sizePx}
        height={crop.sizePx}
        onLoad={({ currentTarget: { naturalWidth, clientWidth } }) =>
          onPixels(naturalWidth === clientWidth ? naturalWidth : null)
        }
      />
    </div>
  );
}
