-- A slide is one file, or a folder of files that is opened by its entry file (MIRAX, DICOM series).
-- Label, overview and thumbnail pictures are kept, because the series is not whole without them, and never served.
create table slide_file (
  slide_id uuid not null references slide on delete cascade,
  path text not null,
  object_key text not null unique,
  sha256 text not null,
  bytes bigint not null check (bytes >= 0),
  role text not null check (role in ('entry', 'data', 'label', 'overview', 'thumbnail')),
  primary key (slide_id, path)
);
insert into slide_file (slide_id, path, object_key, sha256, bytes, role)
select id, name, object_key, sha256, bytes, 'entry' from slide;

-- DICOM SeriesInstanceUID: files of one series that come later belong to the same slide.
alter table slide add column series_uid text;
create index slide_series on slide (series_uid) where series_uid is not null;

-- Uploads that belong together: read when every file of the list has come. files: [{path, bytes}].
create table upload_group (
  id uuid primary key default gen_random_uuid(),
  user_id text references app_user on delete set null,
  name text not null,
  list_sha256 text not null,
  files jsonb not null,
  file_count int not null,
  bytes bigint not null,
  status text not null default 'receiving' check (status in ('receiving', 'reading', 'read')),
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index upload_group_recent on upload_group (created_at desc);
-- The same list sent again while it is not whole goes on with what has come.
create unique index upload_group_open on upload_group (user_id, list_sha256) where status = 'receiving';

-- path: where the file lies in its group. received: whole, but its group is not. waiting: files of a DICOM series
-- whose image has not come yet. left_out: no part of a slide, which is no fault.
alter table upload
  add column group_id uuid references upload_group on delete cascade,
  add column path text,
  add column series_uid text,
  drop constraint upload_status_check,
  add constraint upload_status_check
    check (status in ('receiving', 'received', 'reading', 'waiting', 'registered', 'refused', 'left_out'));
create unique index upload_path on upload (group_id, path);
create index upload_waiting on upload (series_uid) where status = 'waiting';

-- What was found in an upload or a group of them: a slide, something that was refused, files that are no slide.
create table upload_finding (
  id int generated always as identity primary key,
  upload_id text references upload on delete cascade,
  group_id uuid references upload_group on delete cascade,
  kind text not null check (kind in ('slide', 'refused', 'left_out', 'waiting')),
  name text not null,
  -- The first of them; file_count says how many there are.
  files text[] not null,
  file_count int not null,
  bytes bigint not null,
  slide_id uuid references slide on delete set null,
  -- The slide was there before this upload.
  is_duplicate boolean not null default false,
  problem jsonb,
  note text,
  check (num_nonnulls(upload_id, group_id) = 1)
);
create index upload_finding_of_upload on upload_finding (upload_id);
create index upload_finding_of_group on upload_finding (group_id);
create index upload_finding_of_slide on upload_finding (slide_id);
