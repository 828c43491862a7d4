-- A slide's newest cohort and newest grade, as the list of slides tells, filters and orders by them.
create index cohort_slide_newest on cohort_slide (slide_id, cohort_id desc) include (label, site);
drop index cohort_slide_slide;
create index prediction_newest on prediction (slide_id, id desc) include (run_id, probabilities);
drop index prediction_slide;

-- Slides by name go on from the last one of a page.
drop index slide_name;
create index slide_name on slide (name, id);
