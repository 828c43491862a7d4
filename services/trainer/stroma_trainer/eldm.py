"""The E-LDM as a whole: codec, denoiser, card; how it is saved and loaded."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from stroma_trainer.autoencoder import FACTOR, build_codec
from stroma_trainer.encoder import require
from stroma_trainer.unet import ConditionedUnet
from stroma_trainer.weights import load_weights, save_weights


class Eldm(nn.Module):
    def __init__(self, architecture: dict[str, Any], card: dict[str, Any]) -> None:
        super().__init__()
        self.architecture = architecture
        self.card = card
        self.codec = build_codec(architecture["codec"])
        self.unet = ConditionedUnet(**architecture["unet"])

    def decode(self, latent: Tensor) -> Tensor:
        """Scaled latents [B, c, h, w] → images [B, 3, image_px, image_px] in 0…1"""
        return ((self.codec.decode(latent / self.card["latent_scale"]) + 1) / 2).clamp(0, 1)


def architecture(c: Any, embedding_dim: int) -> dict[str, Any]:
    """By the settings of train_eldm."""
    codec = {
        "channels": c.codec_channels,
        "blocks": c.codec_blocks,
        "groups": c.codec_groups,
        "codebook_size": c.codebook_size,
        "latent_channels": c.latent_channels,
        "image_px": c.input_px,
    }
    unet = {
        "channels": c.unet_channels,
        "layers": c.unet_layers,
        "heads": c.unet_heads,
        "groups": c.unet_groups,
        "context_dim": c.context_dim,
        "latent_channels": c.latent_channels,
        "latent_px": c.input_px // FACTOR,
        "embedding_dim": embedding_dim,
    }
    return {"codec": codec if c.codec == "vq" else {}, "unet": unet}


def card(c: Any, embedding_dim: int, latent_scale: float, encoder_sha256: str) -> dict[str, Any]:
    side = c.input_px // FACTOR
    return {
        "kind": "eldm",
        "embedding_dim": embedding_dim,
        "latent_shape": [c.latent_channels, side, side],
        "latent_scale": latent_scale,
        "train_timesteps": c.train_timesteps,
        "beta_start": c.beta_start,
        "beta_end": c.beta_end,
        "guidance_scale": c.guidance_scale,
        "ddim_steps": c.ddim_steps,
        "image_px": c.input_px,
        "encoder_sha256": encoder_sha256,
    }


def save_eldm(folder: Path, eldm: Eldm) -> None:
    save_weights(folder / "eldm.safetensors", eldm.state_dict(), eldm.architecture, eldm.card)


def load_eldm(run: Path) -> Eldm:
    """run: directory of a finished train_eldm. Raises input_missing."""
    tensors, architecture, card = load_weights(require(run / "model" / "eldm.safetensors"))
    eldm = Eldm(architecture, card)
    eldm.load_state_dict(tensors)
    return eldm.eval().requires_grad_(False)
