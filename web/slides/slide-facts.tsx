import { spacingDifference } from '@stroma/core/geometry/spacing';
import type { SlideMessage } from '@stroma/core/http/slide';
import { spacingLabel } from '@stroma/core/units';
import { cropsLabel } from '../crops/crop-words.ts';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';

const sourceWord = { user: 'set by hand', declared: 'declared', derived: 'derived' };

/** `0.50 µm/px (20x)`, with where the number comes from in the tooltip and in words. */
export function SlideScale({
  slide,
  source = true,
}: {
  slide: Pick<SlideMessage, 'mpp' | 'mppSource' | 'scale'>;
  source?: boolean;
}) {
  if (slide.mpp === null) return <span className="soft">not settled</span>;
  return (
    <span>
      {spacingLabel(slide.mpp)}
      {source && slide.mppSource && (
        <span className="soft" title={slide.scale.reason}>
          , {sourceWord[slide.mppSource]}
        </span>
      )}
    </span>
  );
}

/** `1,240 crops at 0.50 µm/px (20x)`, or how far the cutting is. */
export function CropSetLine({ cropSet }: { cropSet: SlideMessage['cropSets'][number] }) {
  const scale = cropsLabel(cropSet);
  if (cropSet.status === 'ready' && cropSet.cropCount === 0) {
    return (
      <span>
        0 crops <span className="soft">at {scale}: no tissue was found</span>
      </span>
    );
  }
  if (cropSet.status === 'ready') {
    return (
      <span>
        {counted(cropSet.cropCount ?? 0, 'crop')} <span className="soft">at {scale}</span>
        <CropScaleNote cropSet={cropSet} />
      </span>
    );
  }
  if (cropSet.status === 'queued') return <State name="queued" text={`crops at ${scale}: queued`} />;
  return (
    <span title={[cropSet.error?.message, cropSet.error?.remedy].filter(Boolean).join(' ')}>
      <State name="failed" text={`crops at ${scale}: ${cropSet.error?.message ?? 'failed'}`} />
    </span>
  );
}

/** Below this difference the label's two digits say it all. */
const worthSaying = 0.001;

/** Where the crops are not quite, or no longer, what they are labelled. */
function CropScaleNote({ cropSet: { mpp, effectiveMpp, stale } }: { cropSet: SlideMessage['cropSets'][number] }) {
  if (stale) {
    return (
      <span title="The slide's scale was changed after these crops were cut. Cut them again for the present scale.">
        {' '}
        <State name="attention" text="stale: cut at another scale" />
      </span>
    );
  }
  if (!effectiveMpp || spacingDifference(effectiveMpp, { x: mpp, y: mpp }) < worthSaying) return null;
  return (
    <span className="soft" title="What the pixels are, after choosing a level and rounding to whole pixels">
      , in truth {spacingLabel(effectiveMpp, 3)}
    </span>
  );
}

/** That the slide may be there in another file, too; where it is opened they lie side by side. */
export function DuplicateNote({ slide: { id, duplicates } }: { slide: Pick<SlideMessage, 'id' | 'duplicates'> }) {
  if (duplicates === 0) return null;
  return (
    <Link href={`/slides/${id}?tab=slide`} style={{ display: 'block' }} data-testid="duplicate-note">
      {counted(duplicates, 'possible duplicate')}
    </Link>
  );
}
