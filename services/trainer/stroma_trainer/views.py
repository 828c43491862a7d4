"""DINO's views: crop, flip, colour jitter, grayscale, blur, solarize, normalise; batched, with a draw for every sample.

Resampling and blur are products with banded matrices, one pair a sample: exact, deterministic, same on every device.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from stroma_trainer.part import WHOLE, Part
from stroma_trainer.pixels import normalise

FLIP = 0.5
JITTER = 0.8
BRIGHTNESS, CONTRAST, SATURATION, HUE = 0.4, 0.4, 0.2, 0.1
BLUR_SIGMA_PX = (0.1, 2.0)
SOLARIZE_FROM = 128 / 255
RATIO = (3 / 4, 4 / 3)  # width / height of the cropped area
LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Transform:
    """What distinguishes DINO's three transforms: probabilities of blur and solarize."""

    blur: float
    solarize: float


GLOBAL_1 = Transform(blur=1.0, solarize=0.0)
GLOBAL_2 = Transform(blur=0.1, solarize=0.2)
LOCAL = Transform(blur=0.5, solarize=0.0)


@dataclass(frozen=True)
class Framing:
    """Which part of the crop a view shows. scale: share of the area; vertical_flip, quarter_turn: probabilities."""

    view_px: int
    scale: tuple[float, float]
    vertical_flip: float = 0.0
    quarter_turn: float = 0.0


@dataclass(frozen=True)
class Colour:
    """How far a view's colours leave the crop's. jitter: share of DINO's strengths; gray: probability."""

    jitter: float = 1.0
    gray: float = 0.2


DINO_COLOUR = Colour()


def augment(
    crops: Tensor,
    framing: Framing,
    transforms: list[Transform],
    generator: torch.Generator,
    colour: Colour = DINO_COLOUR,
    part: Part = WHOLE,
) -> Tensor:
    """uint8 [B, 3, S, S], a transform for each → normalised float [B, 3, view_px, view_px]. part: B of the batch."""
    whole, device = part.whole(crops.shape[0]), crops.device

    def happens(probability: float | Tensor) -> Tensor:
        return (part.of(torch.rand(whole, generator=generator)) < probability).to(device)

    x = reframe(crops, framing, generator, part)
    x = _jitter(x, happens(JITTER), colour.jitter, generator, part)
    gray = happens(colour.gray)
    x[gray] = _luma(x[gray]).expand(-1, 3, -1, -1)
    sigma = part.of(torch.empty(whole).uniform_(*BLUR_SIGMA_PX, generator=generator)).to(device)
    blurred = happens(torch.tensor([transform.blur for transform in transforms]))
    x[blurred] = _separable(x[blurred], *[_gaussian_matrix(sigma[blurred], framing.view_px)] * 2)
    solarized = happens(torch.tensor([transform.solarize for transform in transforms]))
    x[solarized] = torch.where(x[solarized] >= SOLARIZE_FROM, 1 - x[solarized], x[solarized])
    return normalise(x)


def reframe(crops: Tensor, framing: Framing, generator: torch.Generator, part: Part = WHOLE) -> Tensor:
    """Random resized crop, flips and turns: uint8 [B, 3, S, S] → float 0…1 [B, 3, view_px, view_px]."""
    whole, side, device = part.whole(crops.shape[0]), crops.shape[-1], crops.device
    x0, y0, width, height = (part.of(box) for box in random_boxes(whole, side, framing.scale, generator))
    columns = resampling_matrix(x0, width, framing.view_px, side)
    rows = resampling_matrix(y0, height, framing.view_px, side)
    flip = part.of(torch.rand(whole, 1, 1, generator=generator)) < FLIP
    columns = torch.where(flip, columns.flip(1), columns)
    turn = part.of(torch.rand(whole, 1, 1, generator=generator)) < framing.vertical_flip
    rows = torch.where(turn, rows.flip(1), rows)
    x = _separable(crops.float() / 255, rows.to(device), columns.to(device)).clamp(0, 1)
    turned = part.of(torch.rand(whole, generator=generator)) < framing.quarter_turn
    turns = torch.where(turned, part.of(torch.randint(1, 4, (whole,), generator=generator)), 0)
    for quarter in (1, 2, 3):
        chosen = (turns == quarter).to(device)
        x[chosen] = torch.rot90(x[chosen], quarter, dims=(2, 3))
    return x


def random_boxes(
    count: int, side: int, scale: tuple[float, float], generator: torch.Generator
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """x0, y0, width, height in px, each [B]: ten tries, else the whole crop (torchvision's RandomResizedCrop)."""
    area = side**2 * torch.empty(count, 10).uniform_(*scale, generator=generator)
    ratio = torch.empty(count, 10).uniform_(math.log(RATIO[0]), math.log(RATIO[1]), generator=generator).exp()
    widths, heights = (area * ratio).sqrt().round(), (area / ratio).sqrt().round()
    fits = (widths > 0) & (widths <= side) & (heights > 0) & (heights <= side)
    first = fits.int().argmax(dim=1, keepdim=True)
    any_fits = fits.any(dim=1)
    width = torch.where(any_fits, widths.gather(1, first)[:, 0], float(side))
    height = torch.where(any_fits, heights.gather(1, first)[:, 0], float(side))
    x0 = (torch.rand(count, generator=generator) * (side - width + 1)).floor()
    y0 = (torch.rand(count, generator=generator) * (side - height + 1)).floor()
    return x0, y0, width, height


def resampling_matrix(start: Tensor, length: Tensor, out_px: int, in_px: int) -> Tensor:
    """Pillow's bicubic (a = −0.5, widened when shrinking) of [start, start + length) px: [B, out_px, in_px]."""
    step = (length / out_px).view(-1, 1, 1)
    center = start.view(-1, 1, 1) + (torch.arange(out_px).view(1, -1, 1) + 0.5) * step
    source = torch.arange(in_px).view(1, 1, -1) + 0.5
    weight = _cubic((source - center) / step.clamp(min=1))
    inside = (source > start.view(-1, 1, 1)) & (source < (start + length).view(-1, 1, 1))
    weight = weight * inside
    return weight / weight.sum(dim=-1, keepdim=True)


def _cubic(x: Tensor) -> Tensor:
    x = x.abs()
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return torch.where(x < 1, near, torch.where(x < 2, far, 0.0))


def _gaussian_matrix(sigma: Tensor, side: int) -> Tensor:
    """Blur along one axis, renormalised at the borders: [B, side, side]."""
    position = torch.arange(side, device=sigma.device)
    distance = (position.view(1, -1, 1) - position.view(1, 1, -1)) / sigma.view(-1, 1, 1)
    weight = torch.exp(-0.5 * distance**2)
    return weight / weight.sum(dim=-1, keepdim=True)


def _separable(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """images [B, 3, H, W], rows [B, h, H], columns [B, w, W] → [B, 3, h, w]"""
    return rows[:, None] @ images @ columns[:, None].transpose(-1, -2)


def _jitter(x: Tensor, jittered: Tensor, share: float, generator: torch.Generator, part: Part) -> Tensor:
    """Brightness, contrast, saturation and hue, in an order drawn for every sample."""
    whole = part.whole(x.shape[0])
    order = part.of(torch.rand(whole, 4, generator=generator)).argsort(dim=1).to(x.device)
    spread = share * torch.tensor([BRIGHTNESS, CONTRAST, SATURATION, HUE])
    strength = (part.of(torch.rand(whole, 4, generator=generator)) * 2 - 1) * spread
    strength = strength.to(x.device)
    for slot in range(4):
        for ix, operation in enumerate((_brightness, _contrast, _saturation, _hue)):
            chosen = jittered & (order[:, slot] == ix)
            x[chosen] = operation(x[chosen], strength[chosen, ix].view(-1, 1, 1, 1))
    return x


def _luma(x: Tensor) -> Tensor:
    weights = torch.tensor(LUMA, device=x.device).view(1, 3, 1, 1)
    return (x * weights).sum(dim=1, keepdim=True)


def _brightness(x: Tensor, strength: Tensor) -> Tensor:
    return (x * (1 + strength)).clamp(0, 1)


def _contrast(x: Tensor, strength: Tensor) -> Tensor:
    mean = _luma(x).mean(dim=(2, 3), keepdim=True)
    return (mean + (x - mean) * (1 + strength)).clamp(0, 1)


def _saturation(x: Tensor, strength: Tensor) -> Tensor:
    gray = _luma(x)
    return (gray + (x - gray) * (1 + strength)).clamp(0, 1)


def _hue(x: Tensor, strength: Tensor) -> Tensor:
    """Turns the hue of HSV by `strength` of the circle; saturation and value stay."""
    value, low = x.amax(dim=1, keepdim=True), x.amin(dim=1, keepdim=True)
    chroma = (value - low).clamp(min=1e-8)
    red, green, blue = x.chunk(3, dim=1)
    not_red = torch.where(value == green, 2 + (blue - red) / chroma, 4 + (red - green) / chroma)
    hue = torch.where(value == red, (green - blue) / chroma, not_red) + 6 * strength
    channels = []
    for n in (5, 3, 1):
        k = (hue + n) % 6
        channels.append(value - (value - low) * torch.minimum(k, 4 - k).clamp(0, 1))
    return torch.cat(channels, dim=1)
