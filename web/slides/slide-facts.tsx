import type { SlideMessage } from '@stroma/core/http/slide';
import { scaleLabel } from '@stroma/core/units';
import { counted } from '../parts/number-label.ts';
import { State } from '../parts/state.tsx';

const sourceMeaning = {
  user: 'Set by a person in Stroma',
  declared: 'The file says it in so many words',
  derived: 'Computed from other fields of the file',
};
const sourceWord = { user: 'set by hand', declared: 'declared', derived: 'derived' };

/** `0.50 µm/px (20x)`, with where the number comes from in the tooltip and in words. */
export function SlideScale({
  slide,
  source = true,
}: {
  slide: Pick<SlideMessage, 'mpp' | 'mppSource'>;
  source?: boolean;
}) {
  if (slide.mpp === null) return <span className="soft">mpp unknown</span>;
  return (
    <span>
      {scaleLabel(slide.mpp)}
      {source && slide.mppSource && (
        <span className="soft" title={sourceMeaning[slide.mppSource]}>
          , {sourceWord[slide.mppSource]}
        </span>
      )}
    </span>
  );
}

/** `1,240 crops at 0.50 µm/px (20x)`, or how far the cutting is. */
export function CropSetLine({ cropSet }: { cropSet: SlideMessage['cropSets'][number] }) {
  const scale = scaleLabel(cropSet.mpp);
  if (cropSet.status === 'ready') {
    return (
      <span>
        {counted(cropSet.cropCount ?? 0, 'crop')} <span className="soft">at {scale}</span>
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
