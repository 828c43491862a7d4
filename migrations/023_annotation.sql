-- What people draw on slides. geometry is a GeoJSON geometry in level-0 px; json keeps its numbers as they were written.
create table annotation (
  slide_id uuid not null references slide on delete cascade,
  -- Chosen by whoever drew it, also in another program: a file that goes out and comes back names the same annotation.
  id uuid not null default gen_random_uuid(),
  ix bigint generated always as identity,
  kind text not null check (kind in ('point', 'rectangle', 'polygon')),
  geometry json not null,
  vertex_count int not null check (vertex_count between 1 and 20000),
  left0 double precision not null,
  top0 double precision not null,
  right0 double precision not null,
  bottom0 double precision not null,
  name text check (char_length(name) <= 200),
  class_name text check (char_length(class_name) between 1 and 200),
  class_colour text check (class_colour ~ '^#[0-9a-f]{6}$'),
  colour text check (colour ~ '^#[0-9a-f]{6}$'),
  is_locked boolean not null default false,
  created_by text references app_user on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  version int not null default 1,
  -- Deleted ones can be brought back for a day.
  deleted_at timestamptz,
  primary key (slide_id, id),
  check (class_name is not null or class_colour is null),
  check (left0 between 0 and right0 and top0 between 0 and bottom0 and right0 < 'Infinity' and bottom0 < 'Infinity')
);
create index annotation_order on annotation (slide_id, ix) where deleted_at is null;
