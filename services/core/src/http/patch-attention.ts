import { type Static, Type } from 'typebox';
import { EncoderName } from './common.ts';

/**
 * GET /api/predictions/:id/crops/:cropId/patch-attention: where the encoder behind a prediction looks in a crop. In its
 * last block each head gives [CLS] a softmax over the patches and [CLS] itself; told are the patches' shares, so that a
 * head's sum is 1 minus what [CLS] pays to itself.
 */
export const PatchAttention = Type.Object({
  encoder: EncoderName,
  cropId: Type.String(),
  /** Patches a side; together they cover the crop. */
  grid: Type.Integer(),
  /** By head, the patches row by row; six digits. */
  heads: Type.Array(Type.Array(Type.Number())),
});
export type PatchAttention = Static<typeof PatchAttention>;
