-- A cohort is a named, frozen list of labelled slides. The fold belongs to the patient,
-- so no patient can stand in two folds.
create table cohort (
  id int generated always as identity primary key,
  name text not null unique,
  classes text[] not null,
  fold_count int not null check (fold_count between 2 and 20),
  seed int not null,
  created_by text references app_user on delete set null,
  created_at timestamptz not null default now()
);

create table cohort_patient (
  cohort_id int not null references cohort on delete cascade,
  patient_id text not null,
  fold int not null check (fold >= 0),
  primary key (cohort_id, patient_id)
);

-- label is an index into cohort.classes; null where the slide is not labelled: it is trained on, never evaluated.
create table cohort_slide (
  cohort_id int not null references cohort on delete cascade,
  slide_id uuid not null references slide on delete restrict,
  patient_id text not null,
  label int check (label >= 0),
  primary key (cohort_id, slide_id),
  foreign key (cohort_id, patient_id) references cohort_patient (cohort_id, patient_id) on delete cascade
);
create index cohort_slide_slide on cohort_slide (slide_id);
