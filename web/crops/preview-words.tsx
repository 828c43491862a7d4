import type { CropPreview, TissueMessage } from '@stroma/core/http/tissue';
import type { JsonAnswer } from '../data/use-json.ts';
import { count, counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';

/** How many crops a slide would give, in words; or why it gives none. */
export function PreviewWords({ mask, grid }: { mask: JsonAnswer<TissueMessage>; grid: JsonAnswer<CropPreview> }) {
  const failed = mask.error ?? grid.error;
  if (failed) {
    return (
      <ProblemView compact problem={failed.problem} onRetry={() => void Promise.all([mask.mutate(), grid.mutate()])} />
    );
  }
  if (!mask.data)
    return (
      <p className="soft" role="status">
        Finding the tissue…
      </p>
    );
  if (!grid.data)
    return (
      <p className="soft" role="status">
        Laying out the crops…
      </p>
    );
  const { cut, kept, crops } = grid.data;
  return (
    <p role="status" data-testid="preview-count">
      {cut === 0 ? (
        'This slide gives 0 crops.'
      ) : (
        <>
          Keeps <strong>{count(kept)}</strong> of {counted(cut, 'crop')} that would be cut.
        </>
      )}{' '}
      {crops === null && <span className="soft">Too many to draw.</span>}
    </p>
  );
}
