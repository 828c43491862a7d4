import { type CropGrid, defaultGrid } from '@stroma/core/crop-grid';
import { StromaError } from '@stroma/core/errors';

/** The grid that a request asks for: 256 px by default, and crops side by side where no stride is given. */
export function cropGrid({ sizePx = defaultGrid.sizePx, stridePx = sizePx }: Partial<CropGrid>): CropGrid {
  if (stridePx <= sizePx) return { sizePx, stridePx };
  throw new StromaError(
    {
      code: 'crop_set.stride',
      message: 'The crops would leave gaps between them: their distance is larger than their size.',
      expected: `a stride of at most ${sizePx} px`,
      found: `${stridePx} px`,
      where: 'stridePx',
      remedy: 'Make the stride as large as the crops, or smaller so that they overlap.',
    },
    400,
  );
}
