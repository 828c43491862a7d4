"""Pictures of a training for people: rows of crops as a PNG, the same bytes for the same pixels.

Synthetic crops carry a ribbon; a picture with one says so in its PNG text `Synthetic`, too.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin
from torch import Tensor

TILE_PX = 128
GAP_PX = 4
LABEL_PX = 18
LABEL_INK = (122, 135, 141)  # readable on a white page and on a dark one; what lies between tiles is transparent
RIBBON_INK = (255, 255, 255)
RIBBON = (12, 15, 16)


@dataclass(frozen=True)
class Tile:
    """pixels: uint8 [3, H, W]"""

    pixels: Tensor
    synthetic: bool = False


@dataclass(frozen=True)
class Picture:
    png: bytes
    width: int  # px
    height: int
    caption: str
    synthetic: bool


def draw(rows: Sequence[Sequence[Tile]], columns: Sequence[str], caption: str) -> Picture:
    """Rows of tiles, each scaled to TILE_PX, under the columns' names. Enlarged tiles show their pixels as squares."""
    step = TILE_PX + GAP_PX
    image = Image.new("RGBA", (len(columns) * step - GAP_PX, LABEL_PX + len(rows) * step - GAP_PX), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for ix, name in enumerate(columns):
        pen.text((ix * step + TILE_PX // 2, LABEL_PX // 2), name, LABEL_INK, ImageFont.load_default(13), anchor="mm")
    for y, row in enumerate(rows):
        for x, tile in enumerate(row):
            image.paste(_scaled(tile), (x * step, LABEL_PX + y * step))
    synthetic = any(tile.synthetic for row in rows for tile in row)
    text = PngImagePlugin.PngInfo()
    text.add_itxt("Description", caption)
    text.add_text("Software", "Stroma")
    text.add_text("Synthetic", "true" if synthetic else "false")
    buffer = io.BytesIO()
    image.save(buffer, "PNG", pnginfo=text, compress_level=3)  # 6 takes three times as long for 5 % less
    return Picture(buffer.getvalue(), image.width, image.height, caption, synthetic)


def _scaled(tile: Tile) -> Image.Image:
    side = max(tile.pixels.shape[1:])
    how = Image.Resampling.BOX if side > TILE_PX else Image.Resampling.NEAREST
    image = Image.fromarray(_channels_last(tile.pixels)).resize((TILE_PX, TILE_PX), how)
    if tile.synthetic:
        ribbon = _ribbon()
        center = round(TILE_PX * 0.76), round(TILE_PX * 0.24)
        image.paste(ribbon, (center[0] - ribbon.width // 2, center[1] - ribbon.height // 2), ribbon)
    return image


@cache
def _ribbon() -> Image.Image:
    """Runs across the top right corner."""
    length, width = round(TILE_PX * 0.78), 15
    band = Image.new("RGBA", (length, width), (*RIBBON, 235))
    ImageDraw.Draw(band).text(
        (length // 2, width // 2), "synthetic", RIBBON_INK, ImageFont.load_default(11), anchor="mm"
    )
    return band.rotate(-45, Image.Resampling.BICUBIC, expand=True)


def _channels_last(pixels: Tensor) -> NDArray[np.uint8]:
    array: NDArray[np.uint8] = pixels.permute(1, 2, 0).contiguous().numpy()
    return array


def to_bytes(images: Tensor) -> Tensor:
    """float 0…1 → uint8, on the CPU"""
    return (images.detach().float().clamp(0, 1) * 255).round().to(torch.uint8).cpu()


def spread(count: int, among: int) -> list[int]:
    """`count` indices below `among`, evenly apart; fewer when there are not so many."""
    chosen = min(count, among)  # 0 gives none
    return [math.floor((ix + 0.5) * among / chosen) for ix in range(chosen)]
