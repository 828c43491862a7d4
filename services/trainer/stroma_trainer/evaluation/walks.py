"""Crops along alpha_primary between two real crops, from one noise: what Gen-DINO is taught to disentangle."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer.eldm import Eldm
from stroma_trainer.encoder import Encoder
from stroma_trainer.evaluation.alpha_curve import rising_pairs
from stroma_trainer.noise import noise
from stroma_trainer.pictures import to_bytes
from stroma_trainer.sampler import alpha_bars, ddim_sample
from stroma_trainer.slerp import interpolate


@torch.no_grad()
def walk(
    eldm: Eldm, primary: Tensor, secondary: Tensor, alphas: Sequence[float], noise_keys: Sequence[str], unit: bool
) -> Tensor:
    """Embeddings of the ends [P, D] → uint8 [P, A, 3, image_px, image_px].

    A row has one start noise throughout, so that only the embedding changes; the card's DDIM steps and guidance.
    """
    card, shape = eldm.card, eldm.card["latent_shape"]
    bars = alpha_bars(card["train_timesteps"], card["beta_start"], card["beta_end"])
    rows = []
    for first, second, key in zip(primary, secondary, noise_keys, strict=True):
        weights = torch.tensor(list(alphas), device=first.device, dtype=first.dtype).unsqueeze(1)
        ends = (first.expand(len(alphas), -1), second.expand(len(alphas), -1))
        embeddings = interpolate(*ends, weights, unit)
        start = torch.from_numpy(np.stack([noise(key, math.prod(shape)).reshape(shape)] * len(alphas)))
        latents = ddim_sample(
            eldm.unet, start.to(first.device), embeddings, bars, card["ddim_steps"], card["guidance_scale"]
        )
        rows.append(to_bytes(eldm.decode(latents)))
    return torch.stack(rows)


def walk_report(
    encoder: Encoder, walks: Tensor, primary: Tensor, secondary: Tensor, alphas: Sequence[float]
) -> dict[str, Any]:
    """Cosine of each step [P, A] to the embeddings of the real crops at the ends [P, D]; means over the pairs."""
    device = primary.device
    steps = torch.stack([encoder.embed(row.to(device)) for row in walks]).double()
    to_primary = F.cosine_similarity(steps, primary.double().unsqueeze(1), dim=2)
    to_secondary = F.cosine_similarity(steps, secondary.double().unsqueeze(1), dim=2)
    return {
        "pairs": len(walks),
        "alpha_primary": list(alphas),
        "to_primary": to_primary.mean(0).tolist(),
        "to_secondary": to_secondary.mean(0).tolist(),
        "rising": rising_pairs(to_primary.cpu()),
        "falling": rising_pairs(to_secondary.flip(1).cpu()),
    }
