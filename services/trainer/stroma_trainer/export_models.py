"""A finished run's networks in the formats of others.

python -m stroma_trainer export --run RUN --format timm --out FOLDER         # timm.create_model("local-dir:FOLDER")
python -m stroma_trainer export --run RUN --format dino --out FOLDER         # checkpoint.pth, as DINO's own scripts
python -m stroma_trainer export --run RUN --format diffusers --out FOLDER    # vqvae, unet, scheduler; embedder, card
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from stroma_trainer.autoencoder import VqCodec
from stroma_trainer.eldm import load_eldm
from stroma_trainer.encoder import Encoder, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.import_run import require_new
from stroma_trainer.unet import ConditionedUnet
from stroma_trainer.weights import load_weights

# (patch_px, dim, depth, heads) at 224 px → timm's name; others are named by the arguments that differ
TIMM_NAMES = {
    (16, 192, 12, 3): "vit_tiny_patch16_224",
    (16, 384, 12, 6): "vit_small_patch16_224",
    (8, 384, 12, 6): "vit_small_patch8_224",
    (16, 768, 12, 12): "vit_base_patch16_224",
    (8, 768, 12, 12): "vit_base_patch8_224",
}


def export(run: Path, target: str, out: Path) -> dict[str, Any]:
    """target: `timm`, `dino` or `diffusers`. Returns what was written. Raises out_exists, input_missing."""
    require_new(out)
    if target == "diffusers":
        export_diffusers(run, out)
    else:
        encoder = load_encoder(run)
        out.mkdir(parents=True, exist_ok=True)
        (export_timm if target == "timm" else export_dino)(encoder, out)
        (out / "card.json").write_text(json.dumps(encoder.card, indent=2))
    return {"files": {str(file.relative_to(out)): file.stat().st_size for file in sorted(out.rglob("*.*"))}}


def export_timm(encoder: Encoder, out: Path) -> None:
    """Features equal ours at the position embedding's own size; at others timm resizes it with antialiasing, DINO and
    Stroma without."""
    a, card = encoder.architecture, encoder.card
    name = TIMM_NAMES.get((a["patch_px"], a["dim"], a["depth"], a["heads"]), "vit_small_patch16_224")
    config = {
        "architecture": name,
        "num_classes": 0,
        "num_features": a["dim"],
        "global_pool": "token",
        "model_args": {
            "img_size": a["image_px"],
            "patch_size": a["patch_px"],
            "embed_dim": a["dim"],
            "depth": a["depth"],
            "num_heads": a["heads"],
            "dynamic_img_size": True,
        },
        "pretrained_cfg": {
            "tag": "stroma",
            "input_size": [3, a["image_px"], a["image_px"]],
            "fixed_input_size": True,
            "interpolation": "bicubic",
            "crop_pct": 1.0,
            "crop_mode": "center",
            "mean": card["mean"],
            "std": card["std"],
            "num_classes": 0,
            "first_conv": "patch_embed.proj",
            "classifier": "head",
        },
    }
    save_file(encoder.vit.state_dict(), out / "model.safetensors", {"format": "pt"})
    (out / "config.json").write_text(json.dumps(config, indent=2))


def export_dino(encoder: Encoder, out: Path) -> None:
    """For --pretrained_weights checkpoint.pth --checkpoint_key teacher of DINO's evaluation scripts."""
    weights = {f"backbone.{name}": tensor for name, tensor in encoder.vit.state_dict().items()}
    torch.save({"teacher": weights}, out / "checkpoint.pth")


def export_diffusers(run: Path, out: Path) -> None:
    """VQModel.from_pretrained(out / "vqvae"), UNet2DConditionModel.from_pretrained(out / "unet"), and what diffusers
    has no class for: the embedder (F.normalize, then this Linear, gives the one cross-attention token)."""
    if (run / "model" / "autoencoder.safetensors").is_file():
        tensors, architecture, _ = load_weights(run / "model" / "autoencoder.safetensors")
        codec = VqCodec(**architecture)
        codec.load_state_dict(tensors)
        codec.vq.save_pretrained(out / "vqvae")
        return
    eldm = load_eldm(run)
    card = eldm.card
    if not isinstance(eldm.codec, VqCodec):
        raise TrainerError(
            "export_pool", "the fixed 4x codec of smoke runs has no counterpart in diffusers", where=str(run)
        )
    eldm.codec.vq.register_to_config(scaling_factor=card["latent_scale"])
    eldm.codec.vq.save_pretrained(out / "vqvae")
    export_unet(eldm.unet, out)
    scheduler = {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": card["train_timesteps"],
        "beta_start": card["beta_start"],
        "beta_end": card["beta_end"],
        "beta_schedule": "scaled_linear",
        "clip_sample": False,
        "set_alpha_to_one": False,
        "steps_offset": 1,
        "prediction_type": "v_prediction" if "velocity" in eldm.architecture["unet"] else "epsilon",
        "timestep_spacing": "leading",
    }
    (out / "scheduler").mkdir()
    (out / "scheduler" / "scheduler_config.json").write_text(json.dumps(scheduler, indent=2))
    (out / "card.json").write_text(json.dumps(card, indent=2))


def export_unet(unet: ConditionedUnet, out: Path) -> None:
    unet.unet.save_pretrained(out / "unet")
    (out / "embedder").mkdir()
    save_file(unet.embedder.state_dict(), out / "embedder" / "model.safetensors", {"format": "pt"})
