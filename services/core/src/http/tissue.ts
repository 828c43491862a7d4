import { type Static, Type } from 'typebox';
import { CropMpp, CropSize, CropStride } from '../contract/crop-recipe.ts';
import { Nullable } from './common.ts';
import { SpacingMessage } from './scale.ts';

/** GET /api/slides/:id/tissue: the mask is a grey PNG at maskUrl whose values are indexes into maskClasses. */
export const TissueMessage = Type.Object({
  maskUrl: Type.String(),
  width: Type.Integer(),
  height: Type.Integer(),
  /** Level-0 px per px of the mask. */
  downsampleX: Type.Number(),
  downsampleY: Type.Number(),
  /** Shares of the whole slide; they sum to 1. */
  shares: Type.Object({
    glass: Type.Number(),
    tissue: Type.Number(),
    pen: Type.Number(),
    fold: Type.Number(),
    blurred: Type.Number(),
    dark: Type.Number(),
  }),
  unreadableTiles: Type.Integer(),
});
export type TissueMessage = Static<typeof TissueMessage>;

/** GET /api/slides/:id/crop-preview: where crops would be cut, before any are. */
export const CropPreviewQuery = Type.Object({
  mpp: CropMpp,
  sizePx: Type.Optional(CropSize),
  stridePx: Type.Optional(CropStride),
  /** Bounds of a selection that the mask can tell; sharpness, ink and colour are known once crops are cut. */
  minTissueFraction: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  maxFold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});

export const CropPreview = Type.Object({
  /** Sides of a crop and distances between crops, in level-0 px. */
  size0: SpacingMessage,
  stride0: SpacingMessage,
  effectiveMpp: SpacingMessage,
  cut: Type.Integer(),
  kept: Type.Integer(),
  /** Parallel arrays, row by row; null when there are too many to draw. */
  crops: Nullable(
    Type.Object({ x0: Type.Array(Type.Integer()), y0: Type.Array(Type.Integer()), kept: Type.Array(Type.Boolean()) }),
  ),
});
export type CropPreview = Static<typeof CropPreview>;
