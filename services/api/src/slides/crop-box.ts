import { StromaError } from '@stroma/core/errors';
import type { CropQuery } from '@stroma/core/http/slide';
import type { Box0, CropPosition } from '@stroma/db/crops-in-box';

/** Undefined when none was asked for. */
export function boxOf({
  x0,
  y0,
  width0,
  height0,
}: Pick<CropQuery, 'x0' | 'y0' | 'width0' | 'height0'>): Box0 | undefined {
  if (x0 !== undefined && y0 !== undefined && width0 !== undefined && height0 !== undefined) {
    return { x0, y0, width0, height0 };
  }
  const given = Object.entries({ x0, y0, width0, height0 }).flatMap(([name, value]) =>
    value === undefined ? [] : name,
  );
  if (given.length === 0) return undefined;
  throw new StromaError(
    {
      code: 'crops.box',
      message: 'The box is not whole.',
      expected: 'x0, y0, width0 and height0, or none of them',
      found: given.join(', '),
      where: 'querystring',
      remedy: 'Give all four, in level-0 px.',
    },
    400,
  );
}

/** A page ends at a place: no two crops of a crop set have the same. */
export function writePosition({ x0, y0 }: CropPosition): string {
  return `${x0},${y0}`;
}

export function readPosition(text: string): CropPosition {
  const [x0 = 0, y0 = 0] = text.split(',').map(Number);
  return { x0, y0 };
}
