import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';
import { SpacingMessage } from './scale.ts';

export const CropId = Type.String({ pattern: '^\\d{1,9}:\\d{1,9}$' });

/** GET /api/crops/:cropId: all that is stored of one crop but its pixels. Places and sides are level-0 px. */
export const CropDetail = Type.Object({
  id: Type.String(),
  slideId: Type.String(),
  slideName: Type.String(),
  cropSetId: Type.Integer(),
  x0: Type.Integer(),
  y0: Type.Integer(),
  size0X: Type.Number(),
  size0Y: Type.Number(),
  mpp: Type.Number(),
  effectiveMpp: Nullable(SpacingMessage),
  sizePx: Type.Integer(),
  stridePx: Type.Integer(),
  tissueFraction: Type.Number(),
  /** Null where the crop was never measured. */
  sharpness: Nullable(Type.Number()),
  pen: Nullable(Type.Number()),
  fold: Nullable(Type.Number()),
  saturation: Nullable(Type.Number()),
  darkness: Nullable(Type.Number()),
  /** Crops one stride away, diagonally too; each is column and row of a 3 × 3 whose middle (0, 0) is the crop itself. */
  neighbours: Type.Array(
    Type.Object({
      id: Type.String(),
      column: Type.Integer(),
      row: Type.Integer(),
      x0: Type.Integer(),
      y0: Type.Integer(),
    }),
  ),
});
export type CropDetail = Static<typeof CropDetail>;
