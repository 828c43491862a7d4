-- What comes out. An embedding set stands on a crop set, and crop sets hold real crops only:
-- a synthetic crop cannot reach an evaluation.
create table embedding_set (
  id int generated always as identity primary key,
  run_id int not null references run on delete cascade,
  crop_set_id int not null references crop_set on delete restrict,
  slide_id uuid not null references slide on delete restrict,
  checkpoint_id int not null references checkpoint on delete restrict,
  dim int not null,
  crop_count int not null,
  object_key text not null unique,
  sha256 text not null,
  created_at timestamptz not null default now(),
  unique (run_id, crop_set_id)
);

create table synthetic_set (
  id int generated always as identity primary key,
  run_id int not null unique references run on delete cascade,
  checkpoint_id int not null references checkpoint on delete restrict,
  object_key text not null unique,
  generated_count int not null,
  interpolated_count int not null,
  created_at timestamptz not null default now()
);

-- attention_logits: little-endian float32, one a crop in the order of crop.ix.
create table prediction (
  id int generated always as identity primary key,
  run_id int not null references run on delete cascade,
  slide_id uuid not null references slide on delete restrict,
  embedding_set_id int not null references embedding_set on delete restrict,
  encoder text not null check (encoder in ('dino', 'gen_dino')),
  folds int[] not null,
  held_out boolean not null,
  probabilities real[] not null,
  attention_logits bytea not null,
  created_at timestamptz not null default now(),
  unique (run_id, slide_id)
);
create index prediction_slide on prediction (slide_id);

create table export (
  id int generated always as identity primary key,
  run_id int references run on delete set null,
  cohort_id int not null references cohort on delete cascade,
  job_id int not null references job on delete cascade,
  encoder text not null check (encoder in ('dino', 'gen_dino')),
  layout text not null check (layout in ('parquet', 'clam')),
  status text not null default 'queued' check (status in ('queued', 'ready', 'failed')),
  object_key text unique,
  sha256 text,
  bytes bigint,
  slide_count int,
  crop_count int,
  created_by text references app_user on delete set null,
  created_at timestamptz not null default now(),
  check (status <> 'ready' or (object_key is not null and sha256 is not null))
);
