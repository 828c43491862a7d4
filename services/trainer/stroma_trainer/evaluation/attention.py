"""Attention of the last block's [CLS] over the patches (official visualize_attention.py; paper Fig. 3).

An attention map is for the eye. Histology encoders often look at little in particular: it is no test of their worth.
"""

from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.encoder import Encoder
from stroma_trainer.pixels import normalise

# blue → yellow → red, from least to most attended; in between, linear
COLOURS = ((0.15, 0.2, 0.6), (0.95, 0.9, 0.3), (0.8, 0.1, 0.1))


@torch.no_grad()
def attention_maps(encoder: Encoder, images: Tensor) -> Tensor:
    """uint8 [B, 3, input_px, input_px] → float32 [B, heads, grid, grid]: the [CLS] row without its own column, so a
    head's map sums to 1 minus what [CLS] pays to itself."""
    row = encoder.vit.last_attention(normalise(images.float() / 255))[:, :, 0, 1:]
    grid = images.shape[-1] // encoder.vit.patch_px
    return cast(Tensor, row.float().unflatten(2, (grid, grid)).cpu())


def mass_mask(attention: Tensor, mass: float) -> Tensor:
    """[..., grid, grid] → bool: the fewest patches that hold that share of the map's sum."""
    flat = attention.flatten(-2)
    ordered, ix = flat.sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered
    kept = before < mass * ordered.sum(dim=-1, keepdim=True)
    return torch.zeros_like(kept).scatter(-1, ix, kept).reshape(attention.shape)


def overlay(images: Tensor, attention: Tensor, opacity: float = 0.5) -> Tensor:
    """uint8 [B, 3, S, S], maps [B, grid, grid] (one head's, or the mean over heads) → uint8 [B, 3, S, S].

    Each map is stretched from its least to its most attended patch, patches stay squares: nothing is smoothed.
    """
    low, high = attention.amin(dim=(-2, -1), keepdim=True), attention.amax(dim=(-2, -1), keepdim=True)
    scaled = (attention - low) / (high - low).clamp(min=1e-12)
    size = cast(tuple[int, int], tuple(images.shape[-2:]))
    scaled = F.interpolate(scaled.unsqueeze(1), size=size, mode="nearest")
    anchors = torch.tensor(COLOURS).T.reshape(1, 3, len(COLOURS), 1, 1)
    place = scaled * (len(COLOURS) - 1)
    weights = (1 - (place - torch.arange(len(COLOURS)).view(1, -1, 1, 1)).abs()).clamp(min=0).unsqueeze(1)
    colours = (anchors * weights).sum(dim=2) * 255
    return ((1 - opacity) * images.float() + opacity * colours).round().to(torch.uint8)
