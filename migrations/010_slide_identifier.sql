-- What a slide's file says about a person, a case, a device or a moment (wsi/src/privacy): kinds and places, never values.
create table slide_identifier (
  slide_id uuid not null references slide on delete cascade,
  kind text not null,
  is_image boolean not null,
  place text not null,
  occurrences int not null check (occurrences > 0),
  hint text,
  primary key (slide_id, kind)
);

-- When its files were looked through; null for slides that were added before that was done.
alter table slide add column identifiers_at timestamptz;

-- How slides and patients are called in an export. Exports made before had the uploaded names.
alter table export
  add column names text not null default 'uploaded' check (names in ('coded', 'uploaded')),
  alter column names set default 'coded';
