"""Synthetic crops by the E-LDM (paper §4.1, §11.1): for every crop one generated and one interpolated, or several.

    python -m stroma_trainer synthesize --run DIR    # inputs: manifest, encoder, eldm

Batch i becomes shard i. A crop's noise, secondary and alpha depend on the seed and the crop alone, so neither an
interruption nor the order of the batches changes them. Of N processes, process r makes the shards r, r + N, …; a shard
that is there is not made again, by whatever number of processes.
"""

import hashlib
import math
import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stroma_trainer import world
from stroma_trainer.crops import Crop
from stroma_trainer.device import autocast, prepare
from stroma_trainer.eldm import Eldm, load_eldm
from stroma_trainer.encoder import check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.noise import noise, noise_key
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.sampler import alpha_bars, draw_latents
from stroma_trainer.slerp import interpolate
from stroma_trainer.synthetic import (
    check_alphas,
    clear_shards,
    drawn_alphas,
    encode_jpeg,
    pairing,
    write_index,
    write_shard,
    written_shards,
)


def synthesize(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    c = run.c
    device = prepare(c.device, c.threads)
    for name in ("generated_per_crop", "interpolations_per_crop"):
        if getattr(c, name) < 1:
            raise TrainerError(
                "wrong_value", f"{name} is too small", expected="at least 1", found=str(getattr(c, name))
            )
    check_alphas(c.alphas, at_least=c.interpolations_per_crop)
    world.join(device, c.rank_silence_s, run.log)
    encoder = load_encoder(run.input("encoder")).to(device)
    manifest = run.manifest(encoder.card["crop_px"])
    secondary_of = pairing(manifest.crops, run.seed)  # the same for all alphas of a crop
    eldm = load_eldm(run.input("eldm")).to(device)
    sha256 = encoder_sha256(run.input("encoder"))
    if eldm.card["encoder_sha256"] != sha256:
        raise TrainerError(
            "encoder_mismatch",
            "the E-LDM was trained with another encoder",
            expected=eldm.card["encoder_sha256"],
            found=sha256,
            remedy="name the encoder's run that train_eldm was given",
        )
    check_crops(encoder, manifest.crop_px, eldm.card["image_px"])
    crops = manifest.store(eldm.card["image_px"], c.crop_memory_gb)
    bars = alpha_bars(eldm.card["train_timesteps"], eldm.card["beta_start"], eldm.card["beta_end"])
    count = len(manifest.crops)
    total = math.ceil(count / c.batch_size)
    per_crop = c.generated_per_crop + c.interpolations_per_crop

    saved = run.restore()  # tells whether the shards that are there belong to this configuration
    if saved is None and world.leads():
        clear_shards(run.path)
        run.save({})
    world.barrier()
    done = written_shards(run.path)
    run.progress("synthesize", per_crop * min(len(done) * c.batch_size, count), per_crop * count, "crop")
    for batch in world.mine(total):
        if batch in done:
            continue
        members = list(range(batch * c.batch_size, min((batch + 1) * c.batch_size, count)))
        secondaries = [secondary_of[ix] for ix in members]
        alphas = [
            drawn_alphas(manifest.crops[ix].crop_id, c.alphas, c.interpolations_per_crop, run.seed) for ix in members
        ]
        primary = encoder.embed(crops.read(torch.tensor(members)).to(device))
        secondary = encoder.embed(crops.read(torch.tensor(secondaries)).to(device))

        named = []
        for kind, ordinal in passes(c):
            embeddings, weights = primary, [1.0] * len(members)
            if kind == "interpolated":
                weights = [of_crop[ordinal] for of_crop in alphas]
                alpha = torch.tensor(weights, device=device).unsqueeze(1)
                embeddings = interpolate(primary, secondary, alpha, unit=c.slerp_input == "unit")
            rows = []
            for ix, other, weight in zip(members, secondaries, weights, strict=True):
                crop = manifest.crops[ix]
                replica = ordinal if kind == "generated" else 0
                rows.append(
                    {
                        "crop_id": crop.crop_id,
                        "slide_id": crop.slide_id,
                        "kind": kind,
                        "alpha_primary": weight,
                        "secondary_id": manifest.crops[other].crop_id if kind == "interpolated" else None,
                        "seed_key": noise_key(run.seed, crop.crop_id, kind, weight, replica),
                        "synthetic": True,
                    }
                )
            keys = [str(row["seed_key"]) for row in rows]
            with autocast(device, c.precision):
                images = sample(eldm, keys, embeddings, bars, c.ddim_steps, c.guidance_scale, c.sampler)
            pixels = (images.permute(0, 2, 3, 1) * 255).round().to(torch.uint8).cpu().numpy()
            named += [
                (member_name(kind, manifest.crops[ix], ordinal), encode_jpeg(image, c.jpeg_quality), row)
                for row, ix, image in zip(rows, members, pixels, strict=True)
            ]
        write_shard(run.path, batch, named)
        if world.leads():
            done = written_shards(run.path)
            run.progress("synthesize", per_crop * min(len(done) * c.batch_size, count), per_crop * count, "crop")
            run.save({})
        run.check_stop()

    world.barrier()
    if not world.leads():
        return {}, {}
    written = write_index(run.path, total, eldm.card["image_px"], sha256)
    kinds = {"generated_crops": c.generated_per_crop * count, "interpolated_crops": c.interpolations_per_crop * count}
    return {}, {"crops": count, "synthetic_crops": written, **kinds, "image_px": eldm.card["image_px"]}


def sample(
    eldm: Eldm,
    keys: list[str],
    embeddings: Tensor,
    bars: NDArray[np.float64],
    steps: int,
    scale: float,
    sampler: str = "ddim",
) -> Tensor:
    """Noise keys and raw embeddings [B, D] → images [B, 3, image_px, image_px] in 0…1, float32"""
    shape = eldm.card["latent_shape"]
    start = np.stack([noise(key, math.prod(shape)).reshape(shape) for key in keys])
    noise_ = torch.from_numpy(start).to(embeddings.device)
    latents = draw_latents(sampler, eldm.unet, noise_, embeddings, bars, steps, scale)
    with torch.no_grad():
        return eldm.decode(latents).float()


def passes(c: Any) -> list[tuple[str, int]]:
    """Kind and ordinal of the synthetic crops that each crop gets."""
    return [("generated", ix) for ix in range(c.generated_per_crop)] + [
        ("interpolated", ix) for ix in range(c.interpolations_per_crop)
    ]


def member_name(kind: str, crop: Crop, ordinal: int) -> str:
    """Of a tar member. A folder's slides may have names that a tar or WebDataset's keys cannot carry."""
    slide = crop.slide_id
    if not re.fullmatch(r"[\w-]{1,60}", slide, re.ASCII):
        slide = hashlib.sha256(slide.encode()).hexdigest()[:16]
    suffix = f"_{ordinal}" if ordinal else ""
    return f"synthetic-{kind}_{slide}_{crop.x0}_{crop.y0}{suffix}"
