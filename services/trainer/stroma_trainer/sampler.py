"""The forward process of diffusion and deterministic DDIM sampling with classifier-free guidance (paper §11.1)."""

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Denoiser = Callable[[Tensor, Tensor, Tensor], Tensor]


def alpha_bars(train_timesteps: int, beta_start: float, beta_end: float) -> NDArray[np.float64]:
    """Cumulative product of 1 − beta; betas linear in their square roots (latent-diffusion's "linear")."""
    roots = np.linspace(beta_start**0.5, beta_end**0.5, train_timesteps, dtype=np.float64)
    return np.cumprod(1 - roots**2).astype(np.float64)


def add_noise(latents: Tensor, eps: Tensor, alpha_bar: Tensor) -> Tensor:
    """x_t = sqrt(ā)·x_0 + sqrt(1 − ā)·eps; alpha_bar [B]"""
    a = alpha_bar.view(-1, 1, 1, 1)
    return a.sqrt() * latents + (1 - a).sqrt() * eps


def ddim_timesteps(train_timesteps: int, steps: int) -> list[int]:
    """Noisiest first: 981, 961, …, 1 for 50 of 1000."""
    stride = train_timesteps // steps
    return [min(i * stride + 1, train_timesteps - 1) for i in reversed(range(steps))]


def guide(unconditional: Tensor, conditional: Tensor, scale: float) -> Tensor:
    """eps = eps_u + w·(eps_c − eps_u)"""
    return unconditional + scale * (conditional - unconditional)


@torch.no_grad()
def ddim_sample(
    denoise: Denoiser, start: Tensor, embedding: Tensor, bars: NDArray[np.float64], steps: int, guidance_scale: float
) -> Tensor:
    """start: noise [B, c, h, w]; embedding: raw [B, D] → latents. No clipping; the last step ends at ā_0."""
    count, stride = start.shape[0], len(bars) // steps
    embeddings = torch.cat([torch.zeros_like(embedding), embedding])
    x = start
    for t in ddim_timesteps(len(bars), steps):
        timestep = torch.full((2 * count,), t, dtype=torch.int64, device=x.device)
        unconditional, conditional = denoise(torch.cat([x, x]), timestep, embeddings).float().chunk(2)
        eps = guide(unconditional, conditional, guidance_scale)
        a, before = float(bars[t]), float(bars[max(t - stride, 0)])
        clean = (x - (1 - a) ** 0.5 * eps) / a**0.5
        x = before**0.5 * clean + (1 - before) ** 0.5 * eps
    return x
