"""A frozen encoder's features of many crops, and what every measure demands of features."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from stroma_trainer.encoder import Encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.descriptor import copy_descriptor
from stroma_trainer.pixels import normalise


@dataclass(frozen=True)
class Features:
    """float32 on the CPU, one row a crop."""

    cls: Tensor  # raw [CLS] of the last block, [N, D]: the embedding
    last_blocks: Tensor  # [CLS] of the last blocks, [N, blocks · D]; DINO's probe of a ViT-S reads four
    descriptor: Tensor  # copy detection's, [N, 2·D], length 1

    def __getitem__(self, rows: Tensor) -> "Features":
        return Features(self.cls[rows], self.last_blocks[rows], self.descriptor[rows])


@torch.no_grad()
def extract(
    encoder: Encoder,
    batches: Iterable[Tensor],
    device: torch.device,
    blocks: int = 4,
    after_each: Callable[[int], None] | None = None,
) -> Features:
    """batches: uint8 [B, 3, input_px, input_px], seen as the encoder sees crops (no resize, no center crop).

    blocks: how many of the last blocks the linear probe reads. after_each is told how many crops the batch had.
    Raises features_not_finite.
    """
    encoder = encoder.to(device).eval()
    parts: list[tuple[Tensor, Tensor, Tensor]] = []
    for images in batches:
        layers = encoder.vit.last_tokens(normalise(images.to(device).float() / 255), blocks)
        last = torch.cat([tokens[:, 0] for tokens in layers], dim=1)
        part = (layers[-1][:, 0], last, copy_descriptor(layers[-1]))
        parts.append((part[0].float().cpu(), part[1].float().cpu(), part[2].float().cpu()))
        if after_each is not None:
            after_each(len(images))
    cls, last_blocks, descriptor = (torch.cat(columns) for columns in zip(*parts, strict=True))
    require_features("the encoder's", cls)
    return Features(cls, last_blocks, descriptor)


def require_features(whose: str, features: Tensor, dim: int | None = None) -> None:
    """Raises features_not_finite, features_shape, too_few_crops. dim: what the other side of a comparison has."""
    if features.ndim != 2 or (dim is not None and features.shape[1] != dim):
        raise TrainerError(
            "features_shape",
            f"{whose} features are not comparable",
            expected="one row a crop" if dim is None else f"rows of {dim}, as the features they are compared with",
            found=" × ".join(map(str, features.shape)),
            remedy="compute both with the same encoder",
        )
    if not len(features):
        raise TrainerError("too_few_crops", f"{whose} features are of no crop", expected="at least 1", found="0")
    bad = int((~torch.isfinite(features).all(dim=1)).sum())
    if bad:
        raise TrainerError(
            "features_not_finite",
            f"{whose} features are not finite for {bad} of {len(features)} crops",
            expected="finite numbers",
            found=f"{bad} rows with NaN or infinity",
            remedy="the encoder's weights are damaged: train or import it again",
        )


def require_labels(labels: Tensor, count: int, classes: int) -> None:
    """labels: int64 [N] in 0…classes − 1. Raises labels_mismatch, one_class."""
    if labels.shape != (count,) or (count and not 0 <= int(labels.min()) <= int(labels.max()) < classes):
        raise TrainerError(
            "labels_mismatch",
            "the labels do not fit the crops",
            expected=f"{count} labels from 0 to {classes - 1}",
            found=f"{labels.numel()} labels" + (f" up to {int(labels.max())}" if labels.numel() else ""),
        )
    if len(labels.unique()) < 2:
        raise TrainerError(
            "one_class",
            "all crops to learn from are of one class",
            expected="crops of at least 2 classes",
            found=f"{len(labels.unique())} class, {count} crops",
            remedy="label crops of another class",
        )
