import { type Static, Type } from 'typebox';

/**
 * The trainer's section [train_abmil] of its presets, each with the values that make sense: a job that asks for others
 * would be refused by the trainer or fail in it, hours after both encoders were trained.
 */
export const AbmilSettings = Type.Object({
  gated: Type.Boolean(),
  /** 0: raw embeddings are pooled. */
  proj_dim: Type.Integer({ minimum: 0, maximum: 8192 }),
  att_dim: Type.Integer({ minimum: 1, maximum: 8192 }),
  /** Of instances. */
  dropout: Type.Number({ minimum: 0, exclusiveMaximum: 1 }),
  epochs: Type.Integer({ minimum: 1, maximum: 100_000 }),
  lr: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
  lr_end: Type.Number({ minimum: 0, maximum: 1 }),
  weight_decay: Type.Number({ minimum: 0, maximum: 100 }),
  /** Slides an optimiser step. */
  accumulate: Type.Integer({ minimum: 1, maximum: 100_000 }),
  /** Models a fold. */
  seeds: Type.Integer({ minimum: 1, maximum: 100 }),
  bootstrap_resamples: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
  abstain_target_accuracy: Type.Number({ minimum: 0, maximum: 1 }),
  abstain_least_slides: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
});
export type AbmilSettings = Static<typeof AbmilSettings>;

/** The trainer's section [common], which every stage takes. */
export const commonSettings = [
  ...['device', 'threads', 'precision', 'checkpoint_interval_s', 'rank_silence_s', 'metric_interval_s'],
  ...['crop_memory_gb', 'shuffle_window', 'prefetch_batches', 'stop_on_alarm', 'alarm_starved_share'],
  ...['alarm_starved_window_s', 'watch_every_epochs', 'input_px'],
  ...['folder_fit', 'folder_crop_px', 'folder_mpp', 'folder_skip_unreadable'],
] as const;
