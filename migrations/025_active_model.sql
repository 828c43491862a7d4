-- A training of slide models (the folds of one train_abmil run) that grades new slides as they arrive; one at a time for a
-- cohort's slides at one mpp. Rows stay when it is turned off: they say who had new slides graded by what, and when.
create table active_model (
  id int generated always as identity primary key,
  run_id int not null references run on delete cascade,
  cohort_id int not null references cohort on delete cascade,
  mpp double precision not null,
  activated_by text references app_user on delete set null,
  activated_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index active_model_one on active_model (cohort_id, mpp) where ended_at is null;
create index active_model_run on active_model (run_id);

-- Cuts nothing itself: its crops are those of a tile run that it waits for. Its config names the slide model's run and the
-- crop set: {modelRunId, cropSetId}.
alter table run drop constraint run_stage_check;
alter table run add constraint run_stage_check check (stage in (
  'read_slide', 'tile',
  'train_dino', 'train_eldm', 'synthesize', 'train_gen_dino', 'train_abmil', 'evaluate',
  'embed', 'predict', 'grade_slide', 'export'));

-- What each asked model said: its probabilities, model after model, by fold and seed. Null in rows from before.
alter table prediction add column model_probabilities real[];
