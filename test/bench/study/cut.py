"""Cuts a folder of slides into crops of one scale, as a plain folder of images:

    python cut.py SLIDES LABELS.csv OUT [--mpp 0.96] [--crop-px 128]

A crop is kept when half of it is tissue: pixels whose saturation is above Otsu's threshold of the slide's lowest level.
"""

import argparse
import csv
from pathlib import Path

import numpy as np
import openslide
from PIL import Image


def otsu(values: np.ndarray) -> int:
    """The threshold of uint8 values that parts them into the two classes of least variance within."""
    counts = np.bincount(values.ravel(), minlength=256).astype(float)
    below = np.cumsum(counts)
    sums = np.cumsum(counts * np.arange(256))
    above = below[-1] - below
    with np.errstate(divide="ignore", invalid="ignore"):
        between = below * above * (sums / below - (sums[-1] - sums) / above) ** 2
    return int(np.nanargmax(between))


def saturation(rgb: Image.Image) -> np.ndarray:
    return np.asarray(rgb.convert("HSV"))[..., 1]


def on_white(region: Image.Image) -> Image.Image:
    white = Image.new("RGB", region.size, (255, 255, 255))
    white.paste(region, mask=region.getchannel("A"))
    return white


def cut(file: Path, out: Path, mpp: float, crop_px: int) -> int:
    """Writes OUT/<slide>_<x0>_<y0>.png (level-0 px) and tells how many. Slides read have resolution tags."""
    with openslide.OpenSlide(str(file)) as slide:
        slide_mpp = float(slide.properties[openslide.PROPERTY_NAME_MPP_X])
        side0 = round(crop_px * mpp / slide_mpp)
        level = slide.get_best_level_for_downsample(mpp / slide_mpp + 0.01)
        side = round(side0 / slide.level_downsamples[level])
        lowest = slide.level_count - 1
        threshold = otsu(saturation(on_white(slide.read_region((0, 0), lowest, slide.level_dimensions[lowest]))))
        width0, height0 = slide.dimensions
        found = 0
        for y0 in range(0, height0 - side0 + 1, side0):
            for x0 in range(0, width0 - side0 + 1, side0):
                crop = on_white(slide.read_region((x0, y0), level, (side, side)))
                if (saturation(crop) > threshold).mean() < 0.5:
                    continue
                crop.resize((crop_px, crop_px), Image.Resampling.BOX).save(out / f"{file.stem}_{x0}_{y0}.png")
                found += 1
    return found


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("slides", type=Path)
    arguments.add_argument("labels", type=Path)
    arguments.add_argument("out", type=Path)
    arguments.add_argument("--mpp", type=float, default=0.96)
    arguments.add_argument("--crop-px", type=int, default=128)
    given = arguments.parse_args()
    with given.labels.open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        folder = given.out / row["grade"]
        folder.mkdir(parents=True, exist_ok=True)
        found = cut(given.slides / f"{row['slide_id']}.tif", folder, given.mpp, given.crop_px)
        print(f"{row['slide_id']}: {found} crops, {row['grade']}", flush=True)


if __name__ == "__main__":
    main()
