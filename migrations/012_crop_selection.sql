-- Crop sets of any size and stride; numbers a crop is selected by (wsi/src/crop-quality.ts, wsi/src/tissue-mask.ts).
-- What was stored as blur falls with blur: it is sharpness. fold: share of the crop that is folded tissue.
alter table crop rename column blur to sharpness;
alter table crop add column fold real;

-- Every recipe so far had a stride of 256 px.
alter table crop_set add column stride_px int not null default 256;
alter table crop_set alter column stride_px drop default;

-- Which of the cut crops are used: bounds on their numbers (core/src/contract/crop-selection.ts). A cohort's may change;
-- a job keeps the one it was started with.
alter table cohort add column crop_selection jsonb not null default '{"minTissueFraction":0.5}';
alter table job
  add column crop_selection jsonb not null default '{"minTissueFraction":0.5}',
  add column size_px int not null default 256,
  add column stride_px int not null default 256;
