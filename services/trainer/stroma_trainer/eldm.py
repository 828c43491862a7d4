"""The E-LDM as a whole: codec, denoiser, card; how it is saved and loaded."""

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from stroma_trainer.autoencoder import FACTOR, build_codec
from stroma_trainer.encoder import require
from stroma_trainer.errors import TrainerError
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
        "mid_attention": c.codec_mid_attention,
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
    if c.prediction == "v":
        unet["velocity"] = {key: getattr(c, key) for key in ("train_timesteps", "beta_start", "beta_end")}
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


def begin_codec(eldm: Eldm, run: Path) -> None:
    """Takes the autoencoder of another run: of `import --kind vq` or of train_eldm. Raises input_mismatch."""
    tensors, found = _part(run, "autoencoder", "codec")
    found = found and {"mid_attention": True} | found  # not named before it was a setting
    _same(eldm.architecture["codec"], found, {"image_px"}, run)
    eldm.codec.load_state_dict(tensors)


def begin_unet(eldm: Eldm, run: Path) -> None:
    """Takes the U-Net of another run: of `import --kind unet` or of train_eldm. An embedder for embeddings of another
    width is left, as is that of a U-Net that came without one. Raises input_mismatch."""
    tensors, found = _part(run, "unet", "unet")
    _same(eldm.architecture["unet"], found, {"latent_px", "embedding_dim"}, run)
    if found["embedding_dim"] != eldm.architecture["unet"]["embedding_dim"]:
        tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith("embedder.")}
        tensors |= {f"embedder.{name}": tensor for name, tensor in eldm.unet.embedder.state_dict().items()}
    eldm.unet.load_state_dict(tensors)


def _part(run: Path, name: str, prefix: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    alone = run / "model" / f"{name}.safetensors"
    if alone.is_file():
        tensors, architecture, _ = load_weights(alone)
        return tensors, architecture
    tensors, architecture, _ = load_weights(require(run / "model" / "eldm.safetensors"))
    start = f"{prefix}."
    return {key.removeprefix(start): tensor for key, tensor in tensors.items() if key.startswith(start)}, architecture[
        prefix
    ]


def _same(expected: dict[str, Any], found: dict[str, Any], free: set[str], run: Path) -> None:
    keys = [key for key in {**expected, **found} if key not in free and expected.get(key) != found.get(key)]
    if keys:
        raise TrainerError(
            "input_mismatch",
            "the settings ask for another network than that of the input",
            expected=", ".join(f"{key} {expected.get(key)}" for key in keys),
            found=", ".join(f"{key} {found.get(key)}" for key in keys),
            where=str(run),
            remedy="override the settings codec_… or unet_… of this run by those of the input",
        )
