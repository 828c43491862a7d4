-- A slide is named by its content: the same bytes uploaded twice are one slide.
create table slide (
  id uuid primary key default gen_random_uuid(),
  sha256 text not null unique,
  name text not null,
  bytes bigint not null,
  object_key text not null unique,
  thumbnail_key text not null,
  reader text not null,
  format text not null,
  vendor text,
  objective real,
  width0 int not null check (width0 > 0),
  height0 int not null check (height0 > 0),
  mpp_declared double precision,
  mpp_derived double precision,
  mpp_user double precision check (mpp_user between 0.01 and 100),
  mpp double precision generated always as (coalesce(mpp_user, mpp_declared, mpp_derived)) stored,
  mpp_source text generated always as (
    case when mpp_user is not null then 'user'
         when mpp_declared is not null then 'declared'
         when mpp_derived is not null then 'derived' end) stored,
  quirks text[] not null default '{}',
  created_at timestamptz not null default now()
);
create index slide_name on slide (name);
create index slide_recent on slide (created_at, id);

create table slide_level (
  slide_id uuid not null references slide on delete cascade,
  level int not null check (level >= 0),
  ifd int not null,
  width int not null,
  height int not null,
  tile_width int not null,
  tile_height int not null,
  compression text not null,
  downsample_x double precision not null,
  downsample_y double precision not null,
  primary key (slide_id, level)
);

-- An upload stays as a row when its file was refused, so that the reason can be read.
create table upload (
  id text primary key,
  user_id text references app_user on delete set null,
  file_name text not null,
  bytes bigint not null,
  status text not null default 'receiving'
    check (status in ('receiving', 'reading', 'registered', 'refused')),
  slide_id uuid references slide on delete set null,
  refusal jsonb,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index upload_recent on upload (created_at desc);

-- Locks of the upload protocol: shared by every api process.
create table upload_lock (
  upload_id text primary key,
  holder text not null,
  release_requested boolean not null default false,
  held_until timestamptz not null
);
