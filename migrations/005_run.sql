-- A run is one execution of a stage; the run table is also the work queue.
-- A worker holds a run by a lease; every write it makes carries the lease's fence,
-- so a worker that was thought dead cannot write over its successor.
create table job (
  id int generated always as identity primary key,
  cohort_id int not null references cohort on delete restrict,
  preset text not null,
  mpp double precision not null,
  seed int not null,
  overrides jsonb not null default '{}',
  created_by text references app_user on delete set null,
  created_at timestamptz not null default now()
);

create table run (
  id int generated always as identity primary key,
  job_id int references job on delete cascade,
  stage text not null check (stage in (
    'read_slide', 'tile',
    'train_dino', 'train_eldm', 'synthesize', 'train_gen_dino', 'train_abmil',
    'embed', 'predict', 'export')),
  encoder text check (encoder in ('dino', 'gen_dino')),
  slide_id uuid references slide on delete cascade,
  config jsonb not null default '{}',
  seed int not null default 0,
  code_revision text,
  status text not null default 'queued'
    check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  progress jsonb,
  result jsonb,
  error jsonb,
  cancel_requested boolean not null default false,
  attempt int not null default 0,
  fence int not null default 0,
  worker text,
  lease_until timestamptz,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  check (status <> 'running' or (worker is not null and lease_until is not null))
);
create index run_open on run (stage, id) where status in ('queued', 'running');
create index run_job on run (job_id);
create index run_slide on run (slide_id);

-- What a run needs: it can be claimed once all of these have succeeded.
create table run_input (
  run_id int not null references run on delete cascade,
  input_run_id int not null references run on delete cascade,
  role text not null,
  primary key (run_id, input_run_id, role),
  check (run_id <> input_run_id)
);
create index run_input_input on run_input (input_run_id);

-- position: the byte after the event in the run's events.jsonl, so a re-read inserts nothing twice.
create table run_event (
  run_id int not null references run on delete cascade,
  position bigint not null,
  at timestamptz not null default now(),
  kind text not null,
  data jsonb not null,
  primary key (run_id, position)
);

create table checkpoint (
  id int generated always as identity primary key,
  run_id int not null references run on delete cascade,
  kind text not null check (kind in ('encoder', 'eldm', 'abmil')),
  fold int,
  object_key text not null,
  sha256 text not null,
  card jsonb not null,
  created_at timestamptz not null default now(),
  unique nulls not distinct (run_id, kind, fold)
);
