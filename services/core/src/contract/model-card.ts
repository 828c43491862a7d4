import { type Static, Type } from 'typebox';

export const EncoderCard = Type.Object({
  kind: Type.Literal('encoder'),
  crop_px: Type.Integer(),
  input_px: Type.Integer(),
  mean: Type.Array(Type.Number()),
  std: Type.Array(Type.Number()),
  embedding_dim: Type.Integer(),
  mpp: Type.Number(),
  /** encoder_int8.onnx beside encoder.onnx, where it was asked for. */
  int8: Type.Optional(
    Type.Object({
      /** Null: its embeddings were too far off, and it was not kept. */
      sha256: Type.Union([Type.String(), Type.Null()]),
      /** Of its embeddings to encoder.onnx's, over so many real crops. */
      least_cosine: Type.Number(),
      crops: Type.Integer(),
    }),
  ),
});
export type EncoderCard = Static<typeof EncoderCard>;

export const EldmCard = Type.Object({
  kind: Type.Literal('eldm'),
  embedding_dim: Type.Integer(),
  latent_shape: Type.Array(Type.Integer(), { minItems: 3, maxItems: 3 }),
  latent_scale: Type.Number(),
  train_timesteps: Type.Integer(),
  beta_start: Type.Number(),
  beta_end: Type.Number(),
  guidance_scale: Type.Number(),
  ddim_steps: Type.Integer(),
  image_px: Type.Integer(),
  encoder_sha256: Type.String(),
});
export type EldmCard = Static<typeof EldmCard>;

export const AbmilCard = Type.Object({
  kind: Type.Literal('abmil'),
  fold: Type.Integer(),
  /** Only where a fold has several models. */
  seed_ix: Type.Optional(Type.Integer()),
  classes: Type.Array(Type.String()),
  embedding_dim: Type.Integer(),
});
export type AbmilCard = Static<typeof AbmilCard>;
