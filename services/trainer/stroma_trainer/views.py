"""DINO's views: crop, flip, colour jitter, grayscale, blur, solarize, normalise; drawn for a sample, done in a batch.

All that is random is drawn first (`draw`), on the CPU, from one generator; `render` does what was drawn.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.part import WHOLE, Part
from stroma_trainer.pixels import normalise

FLIP = 0.5
JITTER = 0.8
BLUR_SIGMA_PX = (0.1, 2.0)
BLUR_REACH_PX = 10  # 5 sigma at most: what lies beyond is below fp32's last bit
BLUR_BLOCK_PX = 32
SOLARIZE_FROM = 128 / 255
RATIO = (3 / 4, 4 / 3)  # width / height of the cropped area
LUMA = (0.299, 0.587, 0.114)
BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)
# Rows: optical densities in red, green and blue of haematoxylin, eosin and DAB (Ruifrok and Johnston 2001).
STAINS = ((0.65, 0.70, 0.29), (0.07, 0.99, 0.11), (0.27, 0.57, 0.78))
CACHE_BYTES = 1 << 20  # views done at once on a CPU: each operation then finds its pixels in the core's cache


@dataclass(frozen=True)
class Transform:
    """What distinguishes DINO's three transforms: probabilities of blur and solarize."""

    blur: float
    solarize: float


GLOBAL_1 = Transform(blur=1.0, solarize=0.0)
GLOBAL_2 = Transform(blur=0.1, solarize=0.2)
LOCAL = Transform(blur=0.5, solarize=0.0)
SIMIL = Transform(blur=0.5, solarize=0.0)  # every view of SI-MIL's pre-training


@dataclass(frozen=True)
class Framing:
    """Which part of the crop a view shows. scale: share of the area; vertical_flip, quarter_turn: probabilities."""

    view_px: int
    scale: tuple[float, float]
    vertical_flip: float = 0.0
    quarter_turn: float = 0.0


@dataclass(frozen=True)
class Colour:
    """How far a view's colours leave the crop's. jitter: share of `strengths` (brightness, contrast, saturation, hue);
    gray: probability; stain: largest change of a stain's amount and offset (0.05: ±5 %), 0 = none."""

    jitter: float = 1.0
    gray: float = 0.2
    strengths: tuple[float, float, float, float] = (0.4, 0.4, 0.2, 0.1)
    stain: float = 0.0


DINO_COLOUR = Colour()
SIMIL_STRENGTHS = (0.8, 0.8, 0.8, 0.2)


@dataclass(frozen=True)
class Draws:
    """One value a sample, [B] unless another shape is said."""

    box: Tensor  # [B, 4]: x0, y0, width, height in px of the crop
    mirrored: Tensor  # left-right
    upended: Tensor  # up-down
    turns: Tensor  # quarters, 0…3
    order: Tensor  # [B, 4]: which operation of the jitter is done first, second, …
    strength: Tensor  # [B, 4]: of brightness, contrast, saturation, hue; 0 = not jittered
    gray: Tensor
    sigma: Tensor  # px; 0 = not blurred
    solarized: Tensor
    stain: Tensor  # [B, 2, 3]: factor − 1 and offset of each stain's amount

    def __getitem__(self, part: slice) -> "Draws":
        return Draws(*(getattr(self, field.name)[part] for field in fields(self)))


def augment(
    crops: Tensor,
    framing: Framing,
    transforms: list[Transform],
    generator: torch.Generator,
    colour: Colour = DINO_COLOUR,
    part: Part = WHOLE,
) -> Tensor:
    """uint8 [B, 3, S, S], a transform for each → normalised float [B, 3, view_px, view_px]. part: B of the batch."""
    drawn = draw(crops.shape[-1], framing, transforms, generator, colour, part)
    return normalise(render(crops, framing.view_px, drawn))


def draw(
    side: int,
    framing: Framing,
    transforms: list[Transform],
    generator: torch.Generator,
    colour: Colour = DINO_COLOUR,
    part: Part = WHOLE,
) -> Draws:
    """For crops of side × side px, one view for each transform. part: those of the batch."""
    whole = part.whole(len(transforms))

    def uniform(*shape: int) -> Tensor:
        """In 0…1; drawn for the whole batch."""
        return part.of(torch.rand(whole, *shape, generator=generator))

    box = part.of(random_boxes(whole, side, framing.scale, generator))
    mirrored, upended = uniform() < FLIP, uniform() < framing.vertical_flip
    turned = uniform() < framing.quarter_turn
    turns = torch.where(turned, part.of(torch.randint(1, 4, (whole,), generator=generator)), 0)
    jittered = uniform() < JITTER
    order = uniform(4).argsort(dim=1)
    strength = (uniform(4) * 2 - 1) * colour.jitter * torch.tensor(colour.strengths) * jittered[:, None]
    gray = uniform() < colour.gray
    sigma = part.of(torch.empty(whole).uniform_(*BLUR_SIGMA_PX, generator=generator))
    sigma = sigma * (uniform() < torch.tensor([transform.blur for transform in transforms]))
    solarized = uniform() < torch.tensor([transform.solarize for transform in transforms])
    stain = (uniform(2, 3) * 2 - 1) * colour.stain if colour.stain else torch.zeros(len(transforms), 2, 3)
    return Draws(box, mirrored, upended, turns, order, strength, gray, sigma, solarized, stain)


def render(crops: Tensor, view_px: int, draws: Draws) -> Tensor:
    """uint8 [B, 3, S, S] → float 0…1 [B, 3, view_px, view_px]"""
    count, device = len(crops), crops.device
    at_once = max(1, CACHE_BYTES // (3 * view_px**2 * 4)) if device.type == "cpu" else count
    out = torch.empty(count, 3, view_px, view_px, device=device)
    for start in range(0, count, at_once):
        part = slice(start, start + at_once)
        x, drawn = out[part], draws[part]
        reframe(crops[part], drawn, x)
        if drawn.stain.any():
            x.copy_(restain(x, drawn.stain.to(device)))
        jitter(x, drawn.order, drawn.strength)
        sigma = drawn.sigma[drawn.sigma > 0].to(device)
        _change(x, drawn.gray, lambda chosen: luma(chosen).expand(-1, 3, -1, -1))
        _change(x, drawn.sigma > 0, lambda chosen, sigma=sigma: blur(chosen, sigma))  # type: ignore[misc]
        _change(x, drawn.solarized, solarize)
    return out


def _change(x: Tensor, chosen: Tensor, operation: Callable[[Tensor], Tensor]) -> None:
    """In place, the chosen samples only; these are found on the CPU, so that a GPU is not waited for."""
    if chosen.any():
        rows = chosen.nonzero()[:, 0].to(x.device)
        x[rows] = operation(x[rows])


def reframe(crops: Tensor, draws: Draws, out: Tensor) -> None:
    """Box, resampling, flips and turns: uint8 [B, 3, S, S] → out, float 0…1 [B, 3, view_px, view_px].

    Resampling is Pillow's bicubic (a = −0.5, widened when shrinking), rounded to whole grey levels as in DINO.
    """
    size = (out.shape[-1], out.shape[-1])
    flips = zip(draws.mirrored.tolist(), draws.upended.tolist(), draws.turns.tolist(), strict=True)
    for crop, (x0, y0, width, height), view, (mirrored, upended, turns) in zip(
        crops, draws.box.int().tolist(), out, flips, strict=True
    ):
        source = crop[None, :, y0 : y0 + height, x0 : x0 + width]
        if source.device.type != "cpu":  # only the CPU resamples whole numbers
            source = source.float()
        resampled = F.interpolate(source, size, mode="bicubic", antialias=True)[0]
        axes = [axis for axis, turned in ((-1, mirrored), (-2, upended)) if turned]
        view.copy_(torch.rot90(resampled.flip(axes), turns, dims=(1, 2)))
    if crops.device.type != "cpu":
        out.round_().clamp_(0, 255)
    out.div_(255)


def random_boxes(count: int, side: int, scale: tuple[float, float], generator: torch.Generator) -> Tensor:
    """x0, y0, width, height in px, [B, 4]: ten tries, else the whole crop (torchvision's RandomResizedCrop)."""
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
    return torch.stack([x0, y0, width, height], dim=1)


def jitter(x: Tensor, order: Tensor, strength: Tensor) -> None:
    """Changes x [B, 3, H, W] in place: for every sample the four operations in its own order.

    Brightness, contrast and saturation move a pixel from black, the view's mean luma or its own luma: one formula.
    """
    if not strength.any():
        return
    device = x.device
    for slot in order.T:
        own = strength.gather(1, slot[:, None])[:, 0]
        factor = torch.where(slot == HUE, 1.0, 1 + own).view(-1, 1, 1, 1).to(device)
        by_mean = ((slot == CONTRAST) & (own != 0)).view(-1, 1, 1, 1).to(device, torch.float32)
        by_luma = ((slot == SATURATION) & (own != 0)).view(-1, 1, 1, 1).to(device, torch.float32)
        gray = luma(x)
        origin = gray.mean(dim=(2, 3), keepdim=True) * by_mean + gray * by_luma
        x.sub_(origin).mul_(factor).add_(origin).clamp_(0, 1)
        turned = (slot == HUE) & (own != 0)
        circle = own[turned].view(-1, 1, 1, 1).to(device)
        _change(x, turned, lambda chosen, circle=circle: turn_hue(chosen, circle))  # type: ignore[misc]


def luma(x: Tensor) -> Tensor:
    """[B, 3, H, W] → [B, 1, H, W], weights of ITU-R BT.601"""
    red, green, blue = x.split(1, dim=1)
    gray: Tensor = (red * LUMA[0]).add_(green, alpha=LUMA[1]).add_(blue, alpha=LUMA[2])
    return gray


def turn_hue(x: Tensor, circle: Tensor) -> Tensor:
    """Turns the hue of HSV by a share of the circle, [B, 1, 1, 1]; saturation and value stay."""
    red, green, blue = x.split(1, dim=1)
    value, low = torch.maximum(torch.maximum(red, green), blue), torch.minimum(torch.minimum(red, green), blue)
    chroma = value - low
    sixth = chroma.clamp(min=1e-8).reciprocal_()
    not_red = torch.where(value == green, (blue - red) * sixth + 2, (red - green) * sixth + 4)
    hue = torch.where(value == red, (green - blue) * sixth, not_red).add_(6 * circle)  # in sixths of the circle
    hue.sub_((hue / 6).floor_().mul_(6))
    out = torch.empty_like(x)
    # each channel's share of the chroma, a trapezium over the circle: red is full within one sixth of 0, …
    for channel, (centre, sign, offset) in enumerate(((3, 1, -1), (2, -1, 2), (4, -1, 2))):
        share = (hue - centre).abs_().mul_(sign).add_(offset).clamp_(0, 1)
        torch.addcmul(low, share, chroma, out=out[:, channel : channel + 1])
    return out


def blur(x: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian of sigma px, [B], renormalised at the borders: [B, 3, H, H] → the same.

    A product with a banded matrix along either axis, by blocks: every block of rows has the same small matrix.
    """
    side, reach, block = x.shape[-1], BLUR_REACH_PX, BLUR_BLOCK_PX
    blocks = -(-side // block)
    position = torch.arange(block + 2 * reach, device=x.device)
    distance = position[None, :] - position[:block, None] - reach
    weight = torch.exp(-0.5 * (distance / sigma.view(-1, 1, 1)) ** 2) * (distance.abs() <= reach)  # [B, block, window]
    beyond = blocks * block - side + reach
    inside = F.pad(torch.ones(side, device=x.device), (reach, beyond)).unfold(0, block + 2 * reach, block)
    total = (inside @ weight.transpose(1, 2)).flatten(1)[:, :side]  # [B, side]
    across = F.pad(x, (reach, beyond)).unfold(3, block + 2 * reach, block)  # [B, 3, H, blocks, window]
    x = (across.flatten(1, 3) @ weight.transpose(1, 2)).view(len(x), 3, side, -1)[..., :side] / total[:, None, None]
    down = F.pad(x, (0, 0, reach, beyond)).unfold(2, block + 2 * reach, block)  # [B, 3, blocks, W, window]
    x = (weight[:, None, None] @ down.transpose(-1, -2)).flatten(2, 3)[:, :, :side]
    return x / total[:, None, :, None]


def solarize(x: Tensor) -> Tensor:
    return torch.where(x >= SOLARIZE_FROM, 1 - x, x)


def restain(x: Tensor, change: Tensor) -> Tensor:
    """HED jitter (Tellez et al. 2018): a stain's amount, by Beer-Lambert, times 1 + change[:, 0], plus change[:, 1].

    x [B, 3, H, W] in 0…1; change [B, 2, 3] for haematoxylin, eosin, DAB.
    """
    stains = F.normalize(torch.tensor(STAINS, device=x.device), dim=1)
    density = -x.clamp(min=1 / 255).log().flatten(2).transpose(1, 2)  # [B, pixels, 3]
    amounts = density @ torch.linalg.inv(stains) * (1 + change[:, :1]) + change[:, 1:]
    return torch.exp(-(amounts @ stains)).clamp(0, 1).transpose(1, 2).reshape(x.shape)
