-- A job that begins at a later stage of an earlier one takes over what came before that stage.
alter table job add column base_job_id int references job;

-- The finished runs that it rests on. They stay the earlier job's own, and cannot go while another job needs them.
create table taken_run (
  job_id int not null references job on delete cascade,
  run_id int not null references run,
  primary key (job_id, run_id)
);
create index taken_run_run on taken_run (run_id);

-- Every run of a job, its own and those taken over.
create view job_run as
  select job_id, id as run_id from run where job_id is not null
  union all
  select job_id, run_id from taken_run;
