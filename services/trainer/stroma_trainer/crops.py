"""The shard manifest (services/README.md): crops as uint8 tensors, by index."""

import io
import json
import os
import struct
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from stroma_trainer.errors import TrainerError
from stroma_trainer.pixels import area_matrix, area_resize
from stroma_trainer.seeds import generator

VERSION = 1
# What Pillow raises on bytes that are no image it can read.
UNREADABLE = (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError)
STRETCHES = 16  # that a window of neighbouring crops is made of, so that one slide does not fill it


@dataclass(frozen=True)
class Entry:
    """Where a JPEG's bytes lie."""

    path: Path
    offset: int
    length: int


@dataclass(frozen=True)
class Crop:
    crop_id: str
    slide_id: str
    x0: int  # level-0 px
    y0: int
    entry: Entry


class ImageStore:
    """Square images of from_px, averaged to to_px. Kept decoded in memory when they fit, else decoded on each read.

    fit: `exact` = each image has from_px, as in shards; `crop` = its central square of from_px; `resize` = its largest
    central square, averaged down to from_px.
    """

    def __init__(
        self, entries: Sequence[Entry], from_px: int, to_px: int, memory_gb: float, fit: str = "exact"
    ) -> None:
        self.entries = entries
        self.fit = fit
        self.from_px = from_px
        self.to_px = to_px
        self.matrix = area_matrix(from_px, to_px)
        self.threads = torch.get_num_threads()
        self.cached: Tensor | None = None
        if len(entries) * 3 * to_px**2 <= memory_gb * 1e9:
            self.cached = self._decode_all(range(len(entries)))

    def __len__(self) -> int:
        return len(self.entries)

    def read(self, indices: Tensor) -> Tensor:
        """int64 [B] → uint8 [B, 3, to_px, to_px]"""
        return self.cached[indices] if self.cached is not None else self._decode_all(indices.tolist())

    def _decode_all(self, indices: Sequence[int]) -> Tensor:
        with ThreadPoolExecutor(self.threads) as pool:  # Pillow decodes without holding Python's lock
            return torch.stack(list(pool.map(self._decode, indices)))

    def _decode(self, ix: int) -> Tensor:
        entry = self.entries[ix]
        with entry.path.open("rb") as file:
            file.seek(entry.offset)
            data = file.read(entry.length)
        try:
            with Image.open(io.BytesIO(data)) as image:
                pixels = torch.from_numpy(np.array(image.convert("RGB"))).permute(2, 0, 1)
        except UNREADABLE as error:
            shard = self.fit == "exact"
            raise TrainerError(
                "crop_unreadable" if shard else "image_unreadable",
                f"an image cannot be decoded: {error}",
                where=f"{entry.path}, bytes {entry.offset}+{entry.length}" if shard else str(entry.path),
                remedy="cut the crops of this slide again"
                if shard
                else "remove the file, or leave such files out with --skip-unreadable",
            ) from error
        if self.fit != "exact":
            pixels = fitted(pixels, self.fit, self.from_px, entry.path)
        elif pixels.shape != (3, self.from_px, self.from_px):
            raise TrainerError(
                "crop_size",
                "an image does not have the manifest's size",
                expected=f"{self.from_px} × {self.from_px}",
                found=f"{pixels.shape[2]} × {pixels.shape[1]}",
                where=f"{entry.path}, byte {entry.offset}",
            )
        if self.from_px == self.to_px:
            return pixels.contiguous()
        return area_resize(pixels.float(), self.matrix).to(torch.uint8)


def fitted(pixels: Tensor, fit: str, to_px: int, where: Path) -> Tensor:
    """uint8 [3, H, W] → [3, to_px, to_px], see ImageStore. Raises image_too_small: nothing is ever enlarged."""
    height, width = pixels.shape[1:]
    side = to_px if fit == "crop" else min(height, width)
    if min(height, width) < to_px:
        raise TrainerError(
            "image_too_small",
            "an image is smaller than the crops",
            expected=f"at least {to_px} × {to_px} px",
            found=f"{width} × {height} px",
            where=str(where),
            remedy="remove the file, or lower --crop-px",
        )
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[:, top : top + side, left : left + side]
    return square if side == to_px else area_resize(square.float(), area_matrix(side, to_px)).to(torch.uint8)


@dataclass(frozen=True)
class Manifest:
    mpp: float
    crop_px: int
    crops: list[Crop]
    slides: int
    labels: dict[str, str] = field(default_factory=dict)  # slide id → class; for watching only, never learnt from
    patients: dict[str, str] = field(default_factory=dict)  # slide id → patient id
    fit: str = "exact"  # ImageStore's

    def store(self, input_px: int, memory_gb: float) -> ImageStore:
        return ImageStore([crop.entry for crop in self.crops], self.crop_px, input_px, memory_gb, self.fit)


def read_manifest(path: Path) -> Manifest:
    """Raises manifest_unreadable, manifest_version, manifest_field, shard_missing, shard_truncated, manifest_empty,
    crop_count_mismatch."""
    try:
        header: dict[str, Any] = json.loads(path.read_bytes())
        if header.get("version") != VERSION:
            raise TrainerError(
                "manifest_version",
                "the manifest has another version",
                expected=str(VERSION),
                found=str(header.get("version")),
                where=str(path),
            )
        shards = [path.parent / shard["path"] for shard in header["shards"]]
        sizes = [_size(shard) for shard in shards]
        with (path.parent / header["crops"]).open("rb") as lines:
            crops = [_crop(json.loads(line), shards) for line in lines]
        labels = {str(slide): str(name) for slide, name in header.get("labels", {}).items()}
        patients = {str(slide["slide_id"]): str(slide["patient_id"]) for slide in header.get("slides", [])}
        expected, crop_px, mpp = int(header["crop_count"]), int(header["crop_px"]), float(header["mpp"])
    except (OSError, ValueError) as error:
        raise TrainerError("manifest_unreadable", f"the manifest cannot be read: {error}", where=str(path)) from error
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise TrainerError(
            "manifest_field", f"the manifest lacks or misuses a field: {error}", where=str(path)
        ) from error
    if len(crops) != expected:
        raise TrainerError(
            "crop_count_mismatch",
            "crops.jsonl has another number of lines than the manifest says",
            expected=str(expected),
            found=str(len(crops)),
            where=str(path),
        )
    if not crops:
        raise TrainerError(
            "manifest_empty",
            "the manifest has no crops",
            where=str(path),
            remedy="add slides with tissue to the cohort",
        )
    end = dict(zip(shards, sizes, strict=True))
    for crop in crops:
        if crop.entry.offset < 0 or crop.entry.offset + crop.entry.length > end[crop.entry.path]:
            raise TrainerError(
                "shard_truncated",
                f"crop {crop.crop_id} lies beyond the end of its shard",
                expected=f"at least {crop.entry.offset + crop.entry.length} bytes",
                found=f"{end[crop.entry.path]} bytes",
                where=str(crop.entry.path),
                remedy="cut the crops of this slide again",
            )
    return Manifest(mpp, crop_px, crops, len({crop.slide_id for crop in crops}), labels, patients)


def _crop(row: dict[str, Any], shards: list[Path]) -> Crop:
    entry = Entry(shards[row["shard"]], int(row["offset"]), int(row["length"]))
    return Crop(str(row["crop_id"]), str(row["slide_id"]), int(row["x0"]), int(row["y0"]), entry)


def _size(shard: Path) -> int:
    if not shard.is_file():
        raise TrainerError(
            "shard_missing",
            "a shard of the manifest does not exist",
            where=str(shard),
            remedy="cut the crops of this slide again",
        )
    return os.stat(shard).st_size


def batch_of(step: int, samples: int, batch_size: int, seed: int, window: int = 0) -> Tensor:
    """Indices of a step's batch, int64 [batch_size]: every crop once an epoch in a new order, the remainder dropped.

    window: 0 = any order; else crops are shuffled among so many at a time, which are STRETCHES stretches of the
    manifest's order, and so of the shards' bytes.
    """
    if batch_size > samples:
        raise TrainerError(
            "too_few_crops",
            "a batch needs more crops than the manifest has",
            expected=f"at least {batch_size}",
            found=str(samples),
            remedy="add crops or lower batch_size",
        )
    epoch, position = divmod(step, samples // batch_size)
    return _order(samples, seed, epoch, window)[position * batch_size : (position + 1) * batch_size]


@lru_cache(maxsize=2)
def _order(samples: int, seed: int, epoch: int, window: int) -> Tensor:
    draws = generator(seed, "order", epoch)
    if not 0 < window < samples:
        return torch.randperm(samples, generator=draws)
    length = max(1, window // STRETCHES)
    starts = torch.arange(0, samples, length)
    starts = starts[torch.randperm(len(starts), generator=draws)]
    rows = (starts.unsqueeze(1) + torch.arange(length)).flatten()
    windows = rows[rows < samples].split(window)
    return torch.cat([part[torch.randperm(len(part), generator=draws)] for part in windows])
