"""Crops a second that an E-LDM draws with DDIM and guidance: sample.py OPTIONS_JSON OUT_JSON.

Beside diffusers' own pipeline loop: its scheduler, its U-Net as it is, both halves of guidance concatenated. The same
weights, noise, embeddings, batch, steps and threads; the two take turns.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer import eldm, presets
from stroma_trainer.device import autocast, prepare
from stroma_trainer.sampler import alpha_bars, draw_latents

options: dict[str, Any] = json.loads(sys.argv[1])
DDIM = {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1, "timestep_spacing": "leading"}


def network() -> eldm.Eldm:
    """Untrained, every weight drawn: speed does not depend on them, and zero weights would hide differences."""
    c = SimpleNamespace(**presets.settings("train_eldm", options["preset"], {}))
    torch.manual_seed(7)
    drawn = eldm.Eldm(eldm.architecture(c, options["embedding_dim"]), eldm.card(c, options["embedding_dim"], 1.0, ""))
    for parameter in drawn.unet.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.5 * parameter[0].numel() ** -0.5)
    return drawn.eval().requires_grad_(False)


@torch.no_grad()
def pipeline(drawn: eldm.Eldm, start: Tensor, embedding: Tensor, steps: int, scale: float) -> Tensor:
    """As diffusers' latent-diffusion pipelines write it."""
    from diffusers import DDIMScheduler

    card = drawn.card
    predicts = "epsilon" if drawn.unet.alpha_bar is None else "v_prediction"
    scheduler = DDIMScheduler(
        card["train_timesteps"],
        card["beta_start"],
        card["beta_end"],
        beta_schedule="scaled_linear",
        prediction_type=predicts,
        **DDIM,
    )
    scheduler.set_timesteps(steps)
    both = torch.cat([torch.zeros_like(embedding), embedding])
    prompt = drawn.unet.embedder(F.normalize(both, dim=-1)).unsqueeze(1)
    latents = start * scheduler.init_noise_sigma
    for t in scheduler.timesteps:
        doubled = scheduler.scale_model_input(torch.cat([latents] * 2), t)
        noise = drawn.unet.unet(doubled, t, encoder_hidden_states=prompt, return_dict=False)[0]
        without, within = noise.chunk(2)
        latents = scheduler.step(without + scale * (within - without), t, latents, return_dict=False)[0]
    return latents


def timed(work: Callable[[], Tensor], seconds: list[float]) -> Tensor:
    started = time.perf_counter()
    result = work()
    seconds.append(time.perf_counter() - started)
    return result


def main() -> None:
    device = prepare("cpu", int(os.environ["OMP_NUM_THREADS"]))
    drawn = network()
    card, batch, steps, scale = drawn.card, options["batch"], options["steps"], options["guidance_scale"]
    bars = alpha_bars(card["train_timesteps"], card["beta_start"], card["beta_end"])
    start = torch.randn(batch, *card["latent_shape"])
    embedding = torch.randn(batch, options["embedding_dim"])

    def by(sampler: str, count: int, precision: str = "fp32") -> Tensor:
        with autocast(device, precision):
            return draw_latents(sampler, drawn.unet, start, embedding, bars, count, scale)

    pipeline(drawn, start, embedding, 2, scale), by("ddim", 2)
    seconds: dict[str, list[float]] = {"ours": [], "peer": [], "bf16": []}
    for _ in range(options["rounds"]):
        theirs = timed(lambda: pipeline(drawn, start, embedding, steps, scale), seconds["peer"])
        found = timed(lambda: by("ddim", steps), seconds["ours"])
        half = timed(lambda: by("ddim", steps, "bf16"), seconds["bf16"])
    rates = {name: batch / min(values) for name, values in seconds.items()}
    report = {
        "rates": rates,
        "apart": float((found - theirs).abs().max()),
        "apartBf16": float((half - theirs).abs().mean()),
    }
    Path(sys.argv[2]).write_text(json.dumps(report))


if __name__ == "__main__":
    main()
