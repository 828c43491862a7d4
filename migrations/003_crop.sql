-- A crop set is all crops of one slide under one recipe. Its crops are one partition:
-- written by one COPY, dropped by one detach.
create table crop_set (
  id int generated always as identity primary key,
  slide_id uuid not null references slide on delete cascade,
  recipe_hash text not null,
  recipe jsonb not null,
  mpp double precision not null,
  size_px int not null,
  size0 double precision,
  source_level int,
  crop_count int,
  tissue_fraction real,
  status text not null default 'queued' check (status in ('queued', 'ready', 'failed')),
  created_at timestamptz not null default now(),
  unique (slide_id, recipe_hash)
);

create table shard (
  id int generated always as identity primary key,
  crop_set_id int not null references crop_set on delete cascade,
  ix int not null,
  object_key text not null unique,
  sha256 text not null,
  bytes bigint not null,
  crop_count int not null,
  unique (crop_set_id, ix)
);

-- x0, y0: level-0 pixels of the crop's top-left corner. byte_offset, byte_length: the JPEG inside its shard.
create table crop (
  crop_set_id int not null,
  ix int not null,
  x0 int not null,
  y0 int not null,
  tissue_fraction real not null,
  shard_ix int not null,
  byte_offset bigint not null,
  byte_length int not null
) partition by list (crop_set_id);
