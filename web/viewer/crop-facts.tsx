import type { CropDetail } from '@stroma/core/http/crop';
import type { PixelSpacing } from '@stroma/core/units';
import type { ReactNode } from 'react';
import { count, figure } from '../parts/number-label.ts';
import type { CropWeight } from './crop-weight.ts';
import { evidenceWords } from './evidence-crops.ts';
import type { Point0 } from './place.ts';

export function PlaceWords({ at: { x, y }, spacing }: { at: Point0; spacing: PixelSpacing | null }) {
  return (
    <>
      {count(Math.round(x))}, {count(Math.round(y))} px
      {spacing && (
        <span className="soft">
          {' '}
          {count(Math.round(x * spacing.x))}, {count(Math.round(y * spacing.y))} µm
        </span>
      )}
    </>
  );
}

export function sideWords({ size0X, size0Y }: CropDetail, spacing: PixelSpacing | null): string {
  const px = `${figure(size0X)} × ${figure(size0Y)} px of level 0`;
  return spacing ? `${px}, ${(size0X * spacing.x).toFixed(0)} × ${(size0Y * spacing.y).toFixed(0)} µm` : px;
}

export function weightWords(weight: CropWeight | undefined): ReactNode {
  if (!weight) return '–';
  if (weight.rank === null) return 'not among the crops it graded';
  const evidence = weight.evidence.map(({ name, value }) => `${name} ${evidenceWords(value)}`);
  return (
    <>
      attention {figure(weight.attention)}, rank {count(weight.rank)} of {count(weight.of)}
      {evidence.length > 0 && <span className="soft">; evidence {evidence.join(', ')}</span>}
    </>
  );
}
