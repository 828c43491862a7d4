-- A fold may have several ABMIL models that differ in their seed alone; seed_ix counts them from 0.
alter table checkpoint add column seed_ix int not null default 0;
alter table checkpoint drop constraint checkpoint_run_id_kind_fold_key;
alter table checkpoint add unique nulls not distinct (run_id, kind, fold, seed_ix);
