"""Synthetic crops by the E-LDM (paper §4.1, §11.1): one generated and one interpolated for every crop.

    python -m stroma_trainer synthesize --run DIR    # inputs: manifest, encoder, eldm

Batch i becomes shard i. A crop's noise, secondary and alpha depend on the seed and the crop alone, so neither an
interruption nor the order of the batches changes them.
"""

import hashlib
import math
import re
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from stroma_trainer.crops import Crop
from stroma_trainer.device import autocast, prepare
from stroma_trainer.eldm import Eldm, load_eldm
from stroma_trainer.encoder import check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.noise import noise, noise_key
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.sampler import alpha_bars, ddim_sample
from stroma_trainer.slerp import interpolate
from stroma_trainer.synthetic import encode_jpeg, pairing, write_index, write_shard


def synthesize(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    c = run.c
    device = prepare(c.device, c.threads)
    encoder = load_encoder(run.input("encoder")).to(device)
    manifest = run.manifest(encoder.card["crop_px"])
    pairs = pairing(manifest.crops, c.alphas, run.seed)
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
    (run.path / "synthetic").mkdir(exist_ok=True)

    saved = run.restore()
    start = saved["batch"] if saved is not None else 0
    count = len(manifest.crops)
    total = math.ceil(count / c.batch_size)
    run.progress("synthesize", 2 * min(start * c.batch_size, count), 2 * count, "crop")
    for batch in range(start, total):
        members = list(range(batch * c.batch_size, min((batch + 1) * c.batch_size, count)))
        secondaries = [pairs[ix][0] for ix in members]
        alphas = [pairs[ix][1] for ix in members]
        primary = encoder.embed(crops.read(torch.tensor(members)).to(device))
        secondary = encoder.embed(crops.read(torch.tensor(secondaries)).to(device))
        weights = torch.tensor(alphas, device=device).unsqueeze(1)
        between = interpolate(primary, secondary, weights, unit=c.slerp_input == "unit")

        images: list[Tensor] = []
        shard_rows: list[dict[str, Any]] = []
        for kind, embeddings in (("generated", primary), ("interpolated", between)):
            for ix, other, alpha in zip(members, secondaries, alphas, strict=True):
                alpha = 1.0 if kind == "generated" else alpha
                crop = manifest.crops[ix]
                shard_rows.append(
                    {
                        "crop_id": crop.crop_id,
                        "slide_id": crop.slide_id,
                        "kind": kind,
                        "alpha_primary": alpha,
                        "secondary_id": manifest.crops[other].crop_id if kind == "interpolated" else None,
                        "seed_key": noise_key(run.seed, crop.crop_id, kind, alpha),
                        "synthetic": True,
                    }
                )
            keys = [row["seed_key"] for row in shard_rows[-len(members) :]]
            with autocast(device, c.precision):
                images.append(sample(eldm, keys, embeddings, bars, c.ddim_steps, c.guidance_scale))
        pixels = (torch.cat(images).permute(0, 2, 3, 1) * 255).round().to(torch.uint8).cpu().numpy()
        named = [
            (member_name(row["kind"], manifest.crops[ix]), encode_jpeg(image, c.jpeg_quality), row)
            for row, ix, image in zip(shard_rows, members * 2, pixels, strict=True)
        ]
        write_shard(run.path, batch, named)
        run.progress("synthesize", 2 * (members[-1] + 1), 2 * count, "crop")
        run.save({"batch": batch + 1})
        run.check_stop()

    written = write_index(run.path, total, eldm.card["image_px"], sha256)
    return {}, {"crops": count, "synthetic_crops": written, "image_px": eldm.card["image_px"]}


def sample(
    eldm: Eldm, keys: list[str], embeddings: Tensor, bars: NDArray[np.float64], steps: int, scale: float
) -> Tensor:
    """Noise keys and raw embeddings [B, D] → images [B, 3, image_px, image_px] in 0…1, float32"""
    shape = eldm.card["latent_shape"]
    start = np.stack([noise(key, math.prod(shape)).reshape(shape) for key in keys])
    latents = ddim_sample(eldm.unet, torch.from_numpy(start).to(embeddings.device), embeddings, bars, steps, scale)
    with torch.no_grad():
        return eldm.decode(latents).float()


def member_name(kind: str, crop: Crop) -> str:
    """Of a tar member. A folder's slides may have names that a tar or WebDataset's keys cannot carry."""
    slide = crop.slide_id
    if not re.fullmatch(r"[\w-]{1,60}", slide, re.ASCII):
        slide = hashlib.sha256(slide.encode()).hexdigest()[:16]
    return f"synthetic-{kind}_{slide}_{crop.x0}_{crop.y0}"
