"""Attention of the last block's [CLS] over the patches (official visualize_attention.py; paper Fig. 3).

An attention map is for the eye. Histology encoders often look at little in particular: it is no test of their worth.
"""

from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.encoder import Encoder

# black, violet, red, orange, yellow: brightness grows evenly, so that the order is seen without colour as well
HEAT = ((0, 0, 4), (81, 18, 124), (183, 55, 121), (252, 137, 97), (252, 253, 191))


@torch.no_grad()
def attention_maps(encoder: Encoder, images: Tensor) -> Tensor:
    """uint8 [B, 3, input_px, input_px] → float32 [B, heads, grid, grid]: the [CLS] row without its own column, so a
    head's map sums to 1 minus what [CLS] pays to itself."""
    _, attention = encoder.vit.with_attention(encoder.normalised(images.float() / 255))
    grid = images.shape[-1] // encoder.vit.patch_px
    return cast(Tensor, attention[:, :, 1:].float().unflatten(2, (grid, grid)).cpu())


def mass_mask(attention: Tensor, mass: float) -> Tensor:
    """[..., grid, grid] → bool: the fewest patches that hold that share of the map's sum."""
    flat = attention.flatten(-2)
    ordered, ix = flat.sort(dim=-1, descending=True)
    before = ordered.cumsum(dim=-1) - ordered
    kept = before < mass * ordered.sum(dim=-1, keepdim=True)
    return torch.zeros_like(kept).scatter(-1, ix, kept).reshape(attention.shape)


def overlay(images: Tensor, attention: Tensor, opacity: float = 0.6) -> Tensor:
    """uint8 [B, 3, S, S], maps [B, grid, grid] (one head's, or the mean over heads) → uint8 [B, 3, S, S].

    Black is no attention, yellow the map's most; patches stay squares: nothing is smoothed.
    """
    level = attention / attention.amax(dim=(-2, -1), keepdim=True).clamp(min=1e-12) * (len(HEAT) - 1)
    stops = torch.arange(len(HEAT)).view(1, -1, 1, 1)
    weights = (1 - (level.unsqueeze(1) - stops).abs()).clamp(min=0)  # linear between two stops
    colours = torch.einsum("bkhw,kc->bchw", weights, torch.tensor(HEAT, dtype=torch.float32))
    side = int(images.shape[-1])
    colours = F.interpolate(colours, size=(side, side), mode="nearest")
    return ((1 - opacity) * images.float() + opacity * colours).round().to(torch.uint8)
