-- What tells that two files are one slide though their bytes differ (wsi/src/fingerprint).
create table slide_fingerprint (
  slide_id uuid primary key references slide on delete cascade,
  -- Null where the picture is too plain to tell one slide from another.
  picture bit(64),
  -- Longer over shorter side of level 0: a twin is of the same shape, turned or not.
  aspect double precision not null
);
create index slide_fingerprint_aspect on slide_fingerprint (aspect) include (slide_id, picture);

-- SHA-256 of decoded pixels: the same in another container, or with other metadata.
create table slide_pixel_hash (
  slide_id uuid not null references slide on delete cascade,
  level int not null,
  sha256 text not null,
  primary key (slide_id, level)
);
create index slide_pixel_hash_sha256 on slide_pixel_hash (sha256);

-- Found when the later of two slides is registered; stored from both sides.
create table slide_duplicate (
  slide_id uuid not null references slide on delete cascade,
  twin_id uuid not null references slide on delete cascade,
  -- pixels: a level's pixels are equal. picture: the overviews look alike, distance bits of 63 apart.
  kind text not null check (kind in ('pixels', 'picture')),
  distance int not null,
  primary key (slide_id, twin_id),
  check (slide_id <> twin_id)
);
create index slide_duplicate_twin on slide_duplicate (twin_id);
