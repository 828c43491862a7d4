import { type Static, Type } from 'typebox';
import { Nullable } from './common.ts';

/** What the numbers of a prediction's scores are numbers of. */
export const ScoresHeader = Type.Object({
  version: Type.Literal(1),
  predictionId: Type.Integer(),
  cropSetId: Type.Integer(),
  mpp: Type.Number(),
  sizePx: Type.Integer(),
  /** Sides of a crop in level-0 px. */
  size0X: Type.Number(),
  size0Y: Type.Number(),
  /** Distance between neighbouring crops, as a share of their side: below 1 they overlap. */
  strideShare: Type.Number(),
  cropCount: Type.Integer(),
  /** Classes of the evidence, in order; null when the prediction has none. */
  classes: Nullable(Type.Array(Type.String())),
});
export type ScoresHeader = Static<typeof ScoresHeader>;

/** Parallel arrays in the order of crop.ix. */
export interface Scores extends ScoresHeader {
  ix: Int32Array;
  /** Level-0 px of a crop's upper left corner. */
  x0: Int32Array;
  y0: Int32Array;
  attentionLogits: Float32Array;
  /** One array a class: signed evidence (services/README.md, "Evidence"). */
  evidence: Float32Array[];
}
