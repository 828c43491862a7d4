-- Where a slide was made (hospital, laboratory, scanner), in a person's words; null where nobody said.
alter table cohort_slide add column site text;
