-- What a crop's pixels say (wsi/src/crop-quality.ts): thresholds change by a query, without cutting again.
-- Null in crop sets that were cut before these were measured.
alter table crop
  add column blur real,
  add column pen real,
  add column saturation real,
  add column darkness real;
