"""The encoder: a crop's pixels → its embedding, raw [CLS] of the teacher's backbone (paper §4.1)."""

import hashlib
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from stroma_trainer.errors import TrainerError
from stroma_trainer.pixels import MEAN, STD, area_matrix, area_resize, normalise
from stroma_trainer.vit import VisionTransformer
from stroma_trainer.weights import load_weights, save_weights


class Encoder(nn.Module):
    """`card` is the encoder's card of the contract; `architecture` the arguments of VisionTransformer."""

    matrix: Tensor

    def __init__(self, architecture: dict[str, Any], card: dict[str, Any]) -> None:
        super().__init__()
        self.architecture = architecture
        self.card = card
        self.vit = VisionTransformer(**architecture)
        self.register_buffer("matrix", area_matrix(card["crop_px"], card["input_px"]), persistent=False)
        self.eval().requires_grad_(False)

    def forward(self, crop: Tensor) -> Tensor:
        """uint8 [B, crop_px, crop_px, 3] → [B, D]"""
        return cast(Tensor, self.vit(self._resized(crop)))

    def with_attention(self, crop: Tensor) -> tuple[Tensor, Tensor]:
        """`forward`, and the attention of [CLS] over the patches in the last block, row by row, [B, heads, patches]. A
        head's sums to 1 minus what [CLS] pays to itself."""
        embedding, attention = self.vit.with_attention(self._resized(crop))
        return embedding, attention[:, :, 1:]

    @torch.no_grad()
    def embed(self, images: Tensor) -> Tensor:
        """uint8 [B, 3, input_px, input_px], already resized → [B, D]"""
        return cast(Tensor, self.vit(self.normalised(images.float() / 255)))

    def patch_tokens(self, images: Tensor) -> Tensor:
        """float [B, 3, input_px, input_px] in 0…1 → [B, patches, D]; differentiable in the images."""
        return self.vit.tokens(self.normalised(images))[:, 1:]

    def _resized(self, crop: Tensor) -> Tensor:
        resized = area_resize(crop.permute(0, 3, 1, 2).float(), self.matrix)
        return self.normalised(resized / 255)

    def normalised(self, images: Tensor) -> Tensor:
        return normalise(images, self.card["mean"], self.card["std"])


def architecture(c: Any) -> dict[str, Any]:
    """The teacher's VisionTransformer by the settings of train_dino; drop path is the student's alone."""
    return {"image_px": c.global_px, "patch_px": c.patch_px, "dim": c.dim, "depth": c.depth, "heads": c.heads}


def card(crop_px: int, input_px: int, dim: int, mpp: float) -> dict[str, Any]:
    return {
        "kind": "encoder",
        "crop_px": crop_px,
        "input_px": input_px,
        "mean": list(MEAN),
        "std": list(STD),
        "embedding_dim": dim,
        "mpp": mpp,
    }


def save_encoder(folder: Path, encoder: Encoder) -> None:
    save_weights(folder / "encoder.safetensors", encoder.vit.state_dict(), encoder.architecture, encoder.card)


def load_encoder(run: Path) -> Encoder:
    """run: directory of a finished train_dino or train_gen_dino. Raises input_missing."""
    tensors, architecture, card = load_weights(require(run / "model" / "encoder.safetensors"))
    encoder = Encoder(architecture, card)
    encoder.vit.load_state_dict(tensors)
    return encoder


def encoder_sha256(run: Path) -> str:
    """The encoder's name in embedding files and cards: the SHA-256 of encoder.onnx."""
    return hashlib.sha256(require(run / "model" / "encoder.onnx").read_bytes()).hexdigest()


def require(file: Path) -> Path:
    if not file.is_file():
        raise TrainerError(
            "input_missing",
            "the input run has no such file",
            where=str(file),
            remedy="name the directory of a run that has finished",
        )
    return file


def check_crops(encoder: Encoder, crop_px: int, input_px: int) -> None:
    """Crops must look to the encoder as they did in its training."""
    for name, expected, found in (
        ("crop_px", encoder.card["crop_px"], crop_px),
        ("input_px", encoder.card["input_px"], input_px),
    ):
        if expected != found:
            raise TrainerError(
                "encoder_mismatch",
                f"the encoder was trained with another {name}",
                expected=str(expected),
                found=str(found),
                remedy="use the preset and the manifest of the encoder's run",
            )
