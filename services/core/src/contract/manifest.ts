import { type Static, Type } from 'typebox';
import { CropSelection } from './crop-selection.ts';

/** `manifest.json`: the crops of a cohort at one mpp, as the trainer reads them. */
export const Manifest = Type.Object({
  version: Type.Literal(1),
  mpp: Type.Number(),
  crop_px: Type.Integer(),
  crop_count: Type.Integer(),
  /** Which of the cut crops these are, and its hash. */
  crop_selection: CropSelection,
  crop_selection_sha256: Type.String(),
  slides: Type.Array(Type.Object({ slide_id: Type.String(), patient_id: Type.String() })),
  /** Slide id → class, of those slides that have one; for watching a training only, which never learns from it. */
  labels: Type.Optional(Type.Record(Type.String(), Type.String())),
  shards: Type.Array(
    Type.Object({
      path: Type.String(),
      sha256: Type.String(),
      slide_id: Type.String(),
      crop_count: Type.Integer(),
    }),
  ),
  crops: Type.Literal('crops.jsonl'),
});
export type Manifest = Static<typeof Manifest>;

/** One line of `crops.jsonl`; x0, y0 are level-0 pixels, offset and length bytes of the JPEG inside the shard. */
export const ManifestCrop = Type.Object({
  crop_id: Type.String(),
  slide_id: Type.String(),
  x0: Type.Integer(),
  y0: Type.Integer(),
  shard: Type.Integer(),
  offset: Type.Integer(),
  length: Type.Integer(),
});
export type ManifestCrop = Static<typeof ManifestCrop>;

/** `bags.json`: one bag a labelled slide, with the stored folds. */
export const Bags = Type.Object({
  version: Type.Literal(1),
  encoder_sha256: Type.String(),
  classes: Type.Array(Type.String()),
  fold_count: Type.Integer(),
  slides: Type.Array(
    Type.Object({
      slide_id: Type.String(),
      patient_id: Type.String(),
      label: Type.Union([Type.Integer(), Type.Null()]),
      fold: Type.Integer(),
      path: Type.String(),
    }),
  ),
});
export type Bags = Static<typeof Bags>;

/** `<crop set id>:<ix>`: a crop's name in files, messages and noise keys. */
export function cropId(cropSetId: number, ix: number): string {
  return `${cropSetId}:${ix}`;
}

export function parseCropId(id: string): { cropSetId: number; ix: number } | undefined {
  const match = /^(\d{1,9}):(\d{1,9})$/.exec(id);
  return match ? { cropSetId: Number(match[1]), ix: Number(match[2]) } : undefined;
}
