"""The synthetic set: shards of generated and interpolated crops with their index, written by synthesize.

synthetic/<batch, six digits>.tar   WebDataset: synthetic-<kind>_<slide id>_<x0>_<y0>.jpg and .json; a crop's second and
                                    further ones of a kind are called <…>_<y0>_1, _2, …
synthetic.json                      {version, synthetic: true, image_px, crop_count, encoder_sha256,
                                    shards: [{path, sha256}]}
synthetic.jsonl                     one synthetic crop a line: {crop_id, kind, alpha_primary, secondary_id, seed_key,
                                    synthetic: true, shard, offset, length}

JPEG, as the real crops are: were one kind stored without loss, compression alone would tell real from synthetic.
"""

import hashlib
import io
import json
import shutil
import tarfile
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from stroma_trainer.checkpoint import write_atomically
from stroma_trainer.crops import Crop, Entry, ImageStore
from stroma_trainer.errors import TrainerError
from stroma_trainer.part import Part
from stroma_trainer.seeds import derive

VERSION = 1
KINDS = ("generated", "interpolated")


def pairing(crops: list[Crop], seed: int) -> list[int]:
    """For every crop, by seed: index of its secondary crop, from a different slide. Raises one_slide."""
    by_slide = sorted(range(len(crops)), key=lambda ix: (crops[ix].slide_id, ix))
    first: dict[str, int] = {}
    count: dict[str, int] = defaultdict(int)
    for position, ix in enumerate(by_slide):
        first.setdefault(crops[ix].slide_id, position)
        count[crops[ix].slide_id] += 1
    if len(count) < 2:
        raise TrainerError(
            "one_slide",
            "interpolation needs a secondary crop from a different slide",
            expected="crops of at least 2 slides",
            found="1 slide",
            remedy="add a slide to the cohort",
        )
    pairs = []
    for crop in crops:
        own = count[crop.slide_id]
        position = derive(seed, "secondary", crop.crop_id) % (len(crops) - own)
        if position >= first[crop.slide_id]:
            position += own  # steps over the crop's own slide
        pairs.append(by_slide[position])
    return pairs


def drawn_alphas(crop_id: str, alphas: list[float], count: int, seed: int) -> list[float]:
    """`count` different alpha_primary for one crop: one drawn by seed and those after it in the list, in a circle."""
    first = derive(seed, "alpha", crop_id) % len(alphas)
    return [alphas[(first + ix) % len(alphas)] for ix in range(count)]


def check_alphas(alphas: list[float], at_least: int = 1) -> None:
    """Raises wrong_value."""
    numbers = [alpha for alpha in alphas if type(alpha) in (int, float) and 0 <= alpha <= 1]
    if len(numbers) < len(alphas) or len(set(numbers)) < len(alphas) or len(alphas) < at_least:
        raise TrainerError(
            "wrong_value",
            "these alphas cannot be used",
            expected=f"at least {at_least} different numbers from 0 to 1",
            found=str(alphas),
            remedy="name more alphas, or ask for fewer interpolations a crop",
        )


def encode_jpeg(image: NDArray[np.uint8], quality: int) -> bytes:
    """[H, W, 3] → JPEG without chroma subsampling, marked synthetic in its comment."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality, subsampling=0, comment=b"synthetic")
    return buffer.getvalue()


def write_shard(run: Path, batch: int, members: list[tuple[str, bytes, dict[str, Any]]]) -> None:
    """The batch's tar and, after it, its lines of the index. members: name without suffix, JPEG, row. Same members,
    same bytes."""
    buffer = io.BytesIO()
    shard = f"synthetic/{batch:06d}.tar"
    rows = []
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, jpeg, row in members:
            rows.append(row | {"shard": shard, "offset": tar.offset + tarfile.BLOCKSIZE, "length": len(jpeg)})
            for suffix, data in ((".jpg", jpeg), (".json", json.dumps(row).encode())):
                info = tarfile.TarInfo(name + suffix)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    write_atomically(run / shard, buffer.getvalue())
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    write_atomically(run / f"synthetic/{batch:06d}.jsonl", lines.encode())


def written_shards(run: Path) -> set[int]:
    """Batches that are whole: their lines are written last."""
    return {int(file.stem) for file in (run / "synthetic").glob("*.jsonl")}


def clear_shards(run: Path) -> None:
    """Before the first batch: what an earlier configuration left behind."""
    shutil.rmtree(run / "synthetic", ignore_errors=True)
    (run / "synthetic").mkdir()


def write_index(run: Path, batches: int, image_px: int, encoder_sha256: str) -> int:
    """synthetic.jsonl from the batches' lines, then synthetic.json. Returns the number of synthetic crops."""
    parts = [(run / f"synthetic/{batch:06d}.jsonl").read_bytes() for batch in range(batches)]
    write_atomically(run / "synthetic.jsonl", b"".join(parts))
    count = sum(part.count(b"\n") for part in parts)
    names = [f"synthetic/{batch:06d}.tar" for batch in range(batches)]
    header = {
        "version": VERSION,
        "synthetic": True,
        "image_px": image_px,
        "crop_count": count,
        "encoder_sha256": encoder_sha256,
        "shards": [{"path": name, "sha256": hashlib.sha256((run / name).read_bytes()).hexdigest()} for name in names],
    }
    write_atomically(run / "synthetic.json", json.dumps(header, indent=2).encode())
    return count


@dataclass(frozen=True)
class SyntheticCrops:
    """By crop index: rows of its generated and its interpolated crops; alpha_primary and secondary by row."""

    images: ImageStore
    rows: dict[str, list[list[int]]]
    alpha_primary: Tensor
    secondary: Tensor

    def draw(self, kind: str, indices: Tensor, generator: torch.Generator) -> Tensor:
        """One row at random for each crop, int64 [B]."""
        draws = torch.rand(len(indices), generator=generator).tolist()
        choices = [self.rows[kind][ix] for ix in indices.tolist()]
        return torch.tensor([rows[int(draw * len(rows))] for rows, draw in zip(choices, draws, strict=True)])

    def generated(self, indices: Tensor, part: Part, draws: torch.Generator) -> Tensor:
        """Crop indices of the whole batch → of the part's B crops, images uint8 [B, 3, S, S]; one of each at random."""
        return self.images.read(part.of(self.draw("generated", indices, draws)))

    def interpolated(self, indices: Tensor, part: Part, draws: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Crop indices of the whole batch → of the part's B crops: images uint8 [B, 3, S, S], indices of the secondary
        crops [B], alpha_primary [B]."""
        rows = part.of(self.draw("interpolated", indices, draws))
        return self.images.read(rows), self.secondary[rows], self.alpha_primary[rows]

    def with_alphas(self, alphas: list[float]) -> "SyntheticCrops":
        """Of the interpolated crops only those with one of these alpha_primary. Raises alpha_missing."""
        wanted = (
            torch.isclose(self.alpha_primary.unsqueeze(1), torch.tensor(alphas, dtype=torch.float32)).any(1).tolist()
        )
        kept = [[row for row in rows if wanted[row]] for rows in self.rows["interpolated"]]
        without = sum(not rows for rows in kept)
        if without:
            has = {round(float(self.alpha_primary[row]), 4) for rows in self.rows["interpolated"] for row in rows}
            raise TrainerError(
                "alpha_missing",
                f"{without} crops have no interpolated crop with one of the alphas",
                expected=f"alphas {alphas}",
                found=f"alphas {sorted(has)} in the whole synthetic set",
                remedy="choose other alphas, or synthesize with these and with as many interpolations_per_crop",
            )
        return replace(self, rows=self.rows | {"interpolated": kept})


def read_synthetic(run: Path, crops: list[Crop], input_px: int, memory_gb: float) -> SyntheticCrops:
    """run: directory of a finished synthesize. Raises synthetic_missing, synthetic_version, synthetic_incomplete."""
    try:
        header = json.loads((run / "synthetic.json").read_bytes())
        lines = [json.loads(line) for line in (run / "synthetic.jsonl").read_text().splitlines()]
    except (OSError, ValueError) as error:
        raise TrainerError(
            "synthetic_missing",
            f"the synthetic crops cannot be read: {error}",
            where=str(run),
            remedy="name the directory of a synthesize run that has finished",
        ) from error
    if header.get("version") != VERSION:
        raise TrainerError(
            "synthetic_version",
            "the synthetic set has another version",
            expected=str(VERSION),
            found=str(header.get("version")),
            where=str(run),
        )
    index = {crop.crop_id: ix for ix, crop in enumerate(crops)}
    rows: dict[str, list[list[int]]] = {kind: [[] for _ in crops] for kind in KINDS}
    secondary = []
    for number, line in enumerate(lines):
        if line["crop_id"] in index:
            rows[line["kind"]][index[line["crop_id"]]].append(number)
        secondary.append(index.get(line["secondary_id"], -1))
    for kind in KINDS:
        lacking = [
            crop.crop_id
            for crop, found in zip(crops, rows[kind], strict=True)
            if not found or any(kind == "interpolated" and secondary[number] < 0 for number in found)
        ]
        if lacking:
            raise TrainerError(
                "synthetic_incomplete",
                f"{len(lacking)} crops of the manifest lack a {kind} crop or its secondary, the first is {lacking[0]}",
                where=str(run),
                remedy="run synthesize on the same manifest",
            )
    entries = [Entry(run / line["shard"], line["offset"], line["length"]) for line in lines]
    alphas = torch.tensor([float(line["alpha_primary"]) for line in lines])
    images = ImageStore(entries, header["image_px"], input_px, memory_gb)
    return SyntheticCrops(images, rows, alphas, torch.tensor(secondary))
