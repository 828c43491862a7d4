-- A training job's last stage judges its encoders and its synthetic crops.
alter table run drop constraint run_stage_check;
alter table run add constraint run_stage_check check (stage in (
  'read_slide', 'tile',
  'train_dino', 'train_eldm', 'synthesize', 'train_gen_dino', 'train_abmil', 'evaluate',
  'embed', 'predict', 'export'));
