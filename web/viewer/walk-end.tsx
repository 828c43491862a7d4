import type { SlideDetail } from '@stroma/core/http/slide';
import { useJson } from '../data/use-json.ts';
import { Link } from '../parts/link.tsx';
import { cropAddress } from './crop-address.ts';
import classes from './walk.module.css';
import type { WalkCrop, WalkPair } from './walk-pair.ts';

const meaning = { primary: 'alpha 1', secondary: 'alpha 0' };

/** A real crop at one end of the walk, with the way to its place. */
export function WalkEnd({ end, crop }: { end: keyof WalkPair; crop: WalkCrop | null }) {
  return (
    <div className={classes.end} data-testid={`walk-${end}`}>
      <div className={classes.endTitle}>
        <strong>{end === 'primary' ? 'Primary' : 'Secondary'}</strong>
        <span className="soft">{meaning[end]}</span>
      </div>
      {crop ? (
        <>
          {/* biome-ignore lint/performance/noImgElement: 256 px as stored */}
          <img src={`/api/crops/${crop.cropId}/image`} alt={`Crop of ${crop.slideName} at ${crop.x0}, ${crop.y0}`} />
          <Link href={cropAddress(crop)} title="Show its place on the slide">
            {crop.slideName}
          </Link>
          <span className="soft">
            real crop at {crop.x0}, {crop.y0} px
          </span>
          <SlidePlace crop={crop} />
        </>
      ) : (
        <div className={classes.nobody}>Choose a crop under Crops, on this slide or another.</div>
      )}
    </div>
  );
}

/** The whole slide, and where on it the crop lies. */
function SlidePlace({ crop }: { crop: WalkCrop }) {
  const slide = useJson<SlideDetail>(`/api/slides/${crop.slideId}`, { revalidateOnFocus: false });
  const [base] = [...(slide.data?.levels ?? [])].sort((a, b) => b.width - a.width);
  if (!base) return <span className={classes.place} />;
  const share = (value: number, of: number) => `${(100 * value) / of}%`;
  return (
    <span className={classes.place}>
      {/* biome-ignore lint/performance/noImgElement: a thumbnail as stored */}
      <img src={`/api/slides/${crop.slideId}/thumbnail`} alt={`${crop.slideName}, whole`} />
      <span
        className={classes.mark}
        style={{
          left: share(crop.x0 + crop.size0X / 2, base.width),
          top: share(crop.y0 + crop.size0Y / 2, base.height),
        }}
      />
    </span>
  );
}
