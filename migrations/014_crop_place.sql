-- Crops of a crop set by place, row after row as a viewer asks for them. A partition's own index is built before it is
-- attached (db/src/crop-rows.ts), and taken over then.
create index crop_place on crop (y0, x0);
