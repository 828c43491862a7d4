"""The forward process of diffusion; deterministic sampling with classifier-free guidance: DDIM (paper §11.1) and two
solvers that need fewer steps."""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from diffusers.schedulers import DPMSolverMultistepScheduler, UniPCMultistepScheduler
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


def draw_latents(
    sampler: str,
    denoise: Denoiser,
    start: Tensor,
    embedding: Tensor,
    bars: NDArray[np.float64],
    steps: int,
    guidance_scale: float,
) -> Tensor:
    """sampler: ddim (the paper's), dpmpp or unipc; start: noise [B, c, h, w]; embedding: raw [B, D] → latents."""
    if sampler == "ddim":
        return ddim_sample(denoise, start, embedding, bars, steps, guidance_scale)
    return multistep_sample(sampler, denoise, start, embedding, bars, steps, guidance_scale)


@torch.no_grad()
def ddim_sample(
    denoise: Denoiser, start: Tensor, embedding: Tensor, bars: NDArray[np.float64], steps: int, guidance_scale: float
) -> Tensor:
    """start: noise [B, c, h, w]; embedding: raw [B, D] → latents. No clipping; the last step ends at ā_0."""
    stride = len(bars) // steps
    predict = _guided(denoise, embedding, guidance_scale)
    x = start
    for t in ddim_timesteps(len(bars), steps):
        eps = predict(x, t)
        a, before = float(bars[t]), float(bars[max(t - stride, 0)])
        clean = (x - (1 - a) ** 0.5 * eps) / a**0.5
        x = before**0.5 * clean + (1 - before) ** 0.5 * eps
    return x


@torch.no_grad()
def multistep_sample(
    sampler: str,
    denoise: Denoiser,
    start: Tensor,
    embedding: Tensor,
    bars: NDArray[np.float64],
    steps: int,
    guidance_scale: float,
) -> Tensor:
    """DPM-Solver++ (2M; Lu et al. 2022) or UniPC (order 2; Zhao et al. 2023), whose steps use the one before: 10 to 20
    stand for DDIM's 50. Deterministic, as DDIM; coefficients are diffusers'. Arguments and result as ddim_sample's."""
    betas = (1 - bars / np.concatenate([[1.0], bars[:-1]])).tolist()
    solver: Any = DPMSolverMultistepScheduler if sampler == "dpmpp" else UniPCMultistepScheduler
    # steps of equal length in the logarithm of signal to noise: equal ones in t leave most of the last step's curve out
    scheduler = solver(num_train_timesteps=len(bars), trained_betas=betas, solver_order=2, use_exponential_sigmas=True)
    scheduler.set_timesteps(steps)
    predict = _guided(denoise, embedding, guidance_scale)
    x = start
    for t in scheduler.timesteps:
        x = scheduler.step(predict(x, int(t)), t, x).prev_sample
    return x


def _guided(denoise: Denoiser, embedding: Tensor, scale: float) -> Callable[[Tensor, int], Tensor]:
    """(latents [B, …], timestep) → guided eps, fp32; by the denoiser's own `guided` where it has one (ConditionedUnet),
    else both halves of guidance in one pass of 2·B."""
    if own := getattr(denoise, "guided", None):
        return cast(Callable[[Tensor, int], Tensor], own(embedding, scale))
    embeddings = torch.cat([torch.zeros_like(embedding), embedding])

    def predict(x: Tensor, t: int) -> Tensor:
        timestep = torch.full((len(embeddings),), t, dtype=torch.int64, device=x.device)
        unconditional, conditional = denoise(torch.cat([x, x]), timestep, embeddings).float().chunk(2)
        return guide(unconditional, conditional, scale)

    return predict
