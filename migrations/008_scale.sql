-- µm/px at level 0 along both axes: what the vendor's header declares, what other tags derive, what a person entered.
alter table slide drop column mpp, drop column mpp_source;
alter table slide rename column mpp_declared to mpp_declared_x;
alter table slide rename column mpp_derived to mpp_derived_x;
alter table slide rename column mpp_user to mpp_user_x;
alter table slide
  add column mpp_declared_y double precision,
  add column mpp_derived_y double precision,
  add column mpp_user_y double precision check (mpp_user_y between 0.01 and 100),
  -- A person's choice among the three; null while the rule below decides.
  add column scale_choice text check (scale_choice in ('declared', 'derived', 'user'));
update slide set mpp_declared_y = mpp_declared_x, mpp_derived_y = mpp_derived_x, mpp_user_y = mpp_user_x,
  scale_choice = case when mpp_user_x is not null then 'user' end;
alter table slide
  add check ((mpp_declared_x is null) = (mpp_declared_y is null)),
  add check ((mpp_derived_x is null) = (mpp_derived_y is null)),
  add check ((mpp_user_x is null) = (mpp_user_y is null)),
  add check (mpp_user_x is not null or scale_choice is distinct from 'user'),
  add check (mpp_declared_x is not null or scale_choice is distinct from 'declared'),
  add check (mpp_derived_x is not null or scale_choice is distinct from 'derived');

-- Statements that differ by more than 2 % on an axis contradict each other: then nothing is guessed.
-- The same share as core's spacingTolerance.
create function scale_source(
  choice text, declared_x float8, declared_y float8, derived_x float8, derived_y float8
) returns text language sql immutable parallel safe as $$
  select case
    when choice is not null then choice
    when derived_x is null and declared_x is not null then 'declared'
    when declared_x is null and derived_x is not null then 'derived'
    when greatest(declared_x, derived_x) / least(declared_x, derived_x) - 1 <= 0.02
      and greatest(declared_y, derived_y) / least(declared_y, derived_y) - 1 <= 0.02 then 'declared'
  end
$$;

alter table slide
  add column mpp_source text generated always as (
    scale_source(scale_choice, mpp_declared_x, mpp_declared_y, mpp_derived_x, mpp_derived_y)) stored,
  add column mpp_x double precision generated always as (
    case scale_source(scale_choice, mpp_declared_x, mpp_declared_y, mpp_derived_x, mpp_derived_y)
      when 'user' then mpp_user_x when 'declared' then mpp_declared_x when 'derived' then mpp_derived_x end) stored,
  add column mpp_y double precision generated always as (
    case scale_source(scale_choice, mpp_declared_x, mpp_declared_y, mpp_derived_x, mpp_derived_y)
      when 'user' then mpp_user_y when 'declared' then mpp_declared_y when 'derived' then mpp_derived_y end) stored,
  add column scale_state text not null generated always as (
    case when scale_source(scale_choice, mpp_declared_x, mpp_declared_y, mpp_derived_x, mpp_derived_y) is not null
      then 'known' when mpp_declared_x is null then 'missing' else 'conflict' end) stored;
create index slide_scale_open on slide (created_at, id) where scale_state <> 'known';

-- Sides of a crop in level-0 px, and the µm/px that the crops really have after choosing a level and rounding to px.
alter table crop_set rename column size0 to size0_x;
alter table crop_set
  add column size0_y double precision,
  add column effective_mpp_x double precision,
  add column effective_mpp_y double precision,
  -- Cut at a scale that the slide no longer has, and kept for the embeddings that were made of it.
  add column superseded boolean not null default false,
  drop constraint crop_set_slide_id_recipe_hash_key;
update crop_set set size0_y = size0_x;
create unique index crop_set_recipe on crop_set (slide_id, recipe_hash) where not superseded;
create index crop_set_slide on crop_set (slide_id);

-- Whether crops of these sides are what they are labelled, on a slide of this scale. Null where either is not known.
create function crops_fit(
  size0_x float8, size0_y float8, size_px int, mpp float8, mpp_x float8, mpp_y float8
) returns boolean language sql immutable parallel safe as $$
  select abs(size0_x * mpp_x / (size_px * mpp) - 1) < 1e-6 and abs(size0_y * mpp_y / (size_px * mpp) - 1) < 1e-6
$$;
