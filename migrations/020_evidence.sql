-- Signed evidence of every crop for every class (services/README.md, "Evidence"): little-endian float32, class after class,
-- within a class one a crop in the order of crop.ix. Null where the slide model came without class logits.
alter table prediction add column class_evidence bytea;

-- scores: what the heat map shows of every crop, attention and evidence.
alter table export drop constraint export_layout_check;
alter table export add constraint export_layout_check check (layout in ('parquet', 'clam', 'scores'));
