-- A crop is as wide as the px that are read for it, so its own spacing is the slide's times size0 over its side: it fits as
-- long as that is the spacing it was cut with. The label (mpp) is within 2 % of it.
drop function crops_fit(float8, float8, int, float8, float8, float8);
create function crops_fit(
  size0_x float8, size0_y float8, size_px int, cut_x float8, cut_y float8, mpp_x float8, mpp_y float8
) returns boolean language sql immutable parallel safe as $$
  select abs(size0_x * mpp_x / (size_px * cut_x) - 1) < 1e-6 and abs(size0_y * mpp_y / (size_px * cut_y) - 1) < 1e-6
$$;
