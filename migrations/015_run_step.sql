-- How long each step of a run took: the answer to "why is it slow". A step that was cut off leaves no row.
create table run_step (
  id bigint generated always as identity primary key,
  run_id int not null references run on delete cascade,
  attempt int not null,
  name text not null,
  started_at timestamptz not null,
  seconds double precision not null check (seconds >= 0)
);
create index run_step_run on run_step (run_id);
-- The reading of an upload, found from what was found in it.
create index run_reading on run ((coalesce(config->>'uploadId', config->>'groupId'))) where stage = 'read_slide';
