"""Interpolation between embeddings on the sphere (paper §4.1)."""

import torch
from torch import Tensor
from torch.nn import functional as F

PARALLEL = 0.9995  # |cos| above which sin θ is too small to divide by


def slerp(v0: Tensor, v1: Tensor, t: Tensor) -> Tensor:
    """[B, D], [B, D], [B, 1] → [B, D]; t = 0 gives v0, t = 1 gives v1."""
    cosine = F.cosine_similarity(v0, v1, dim=-1).unsqueeze(-1)
    theta = torch.acos(cosine.clamp(-1, 1))
    sine = torch.sin(theta).clamp(min=1e-6)
    curved = torch.sin((1 - t) * theta) / sine * v0 + torch.sin(t * theta) / sine * v1
    return torch.where(cosine.abs() > PARALLEL, (1 - t) * v0 + t * v1, curved)


def interpolate(primary: Tensor, secondary: Tensor, alpha_primary: Tensor, unit: bool = True) -> Tensor:
    """The embedding between two crops; alpha 1 is the primary's. unit: brings both to length 1 first."""
    if unit:
        primary, secondary = F.normalize(primary, dim=-1), F.normalize(secondary, dim=-1)
    return slerp(secondary, primary, alpha_primary)
