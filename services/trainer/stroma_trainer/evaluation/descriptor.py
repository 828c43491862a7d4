"""The descriptor of DINO's copy detection: [CLS] ⊕ GeM-pooled patch tokens (official eval_copy_detection.py)."""

import torch
from torch import Tensor
from torch.nn import functional as F

GEM_POWER = 4.0
GEM_FLOOR = 1e-6


def gem(patches: Tensor, power: float = GEM_POWER) -> Tensor:
    """[B, patches, D] → [B, D]: generalised mean (mean of xᵖ)^(1/p); negative values count as 1e-6."""
    return patches.clamp(min=GEM_FLOOR).pow(power).mean(dim=1).pow(1 / power)


def copy_descriptor(tokens: Tensor) -> Tensor:
    """Final tokens [B, 1 + patches, D], [CLS] first → [B, 2·D] of length 1; 768 numbers for ViT-S.

    No whitening: the paper (§5.3) gives no set to learn it on. Crops keep the encoder's input size, where DINO enlarges
    photographs to 320 px: enlarging would change a crop's scale in µm.
    """
    tokens = tokens.float()
    return F.normalize(torch.cat([tokens[:, 0], gem(tokens[:, 1:])], dim=1), dim=1)
