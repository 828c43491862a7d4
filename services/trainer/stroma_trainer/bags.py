"""bags.json and the embedding files it names (services/README.md)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from stroma_trainer.errors import TrainerError

VERSION = 1


@dataclass(frozen=True)
class Bag:
    slide_id: str
    patient_id: str
    label: int
    fold: int
    embeddings: Tensor  # float32 [N, D]


@dataclass(frozen=True)
class Bags:
    classes: list[str]
    fold_count: int
    embedding_dim: int
    bags: list[Bag]


def read_bags(path: Path) -> Bags:
    """Slides without a label are left out. Raises bags_unreadable, bags_version, bags_field, bags_empty,
    patient_in_two_folds, embeddings_missing, embeddings_mismatch."""
    try:
        header: dict[str, Any] = json.loads(path.read_bytes())
        if header.get("version") != VERSION:
            raise TrainerError(
                "bags_version",
                "bags.json has another version",
                expected=str(VERSION),
                found=str(header.get("version")),
                where=str(path),
            )
        classes, fold_count = [str(name) for name in header["classes"]], int(header["fold_count"])
        labelled = [slide for slide in header["slides"] if slide["label"] is not None]
        folds: dict[str, int] = {}
        for slide in labelled:
            if not (0 <= slide["label"] < len(classes) and 0 <= slide["fold"] < fold_count):
                raise TrainerError(
                    "bags_field",
                    f"slide {slide['slide_id']} has a label or fold out of range",
                    expected=f"label below {len(classes)}, fold below {fold_count}",
                    found=f"label {slide['label']}, fold {slide['fold']}",
                    where=str(path),
                )
            if folds.setdefault(slide["patient_id"], slide["fold"]) != slide["fold"]:
                raise TrainerError(
                    "patient_in_two_folds",
                    f"patient {slide['patient_id']} has slides in two folds",
                    where=str(path),
                    remedy="assign folds by patient",
                )
        bags = [
            Bag(
                str(slide["slide_id"]),
                str(slide["patient_id"]),
                int(slide["label"]),
                int(slide["fold"]),
                read_embeddings(path.parent / slide["path"], header["encoder_sha256"]),
            )
            for slide in labelled
        ]
    except (OSError, ValueError) as error:
        raise TrainerError("bags_unreadable", f"bags.json cannot be read: {error}", where=str(path)) from error
    except (KeyError, TypeError, AttributeError) as error:
        raise TrainerError("bags_field", f"bags.json lacks or misuses a field: {error}", where=str(path)) from error
    if not bags:
        raise TrainerError("bags_empty", "no slide has a label", where=str(path), remedy="label slides of the cohort")
    dims = {bag.embeddings.shape[1] for bag in bags}
    if len(dims) > 1:
        raise TrainerError(
            "embeddings_mismatch", "embeddings have several dimensions", expected="one", found=str(sorted(dims))
        )
    return Bags(classes, fold_count, dims.pop(), bags)


def read_embeddings(path: Path, encoder_sha256: str) -> Tensor:
    """The column `embedding` of one slide's Arrow IPC or Parquet file, float16 on disk → float32 [N, D]."""
    if not path.is_file():
        raise TrainerError(
            "embeddings_missing",
            "a slide's embedding file does not exist",
            where=str(path),
            remedy="embed the cohort with this encoder",
        )
    try:
        table = _table(path).select(["embedding"])
    except (pa.ArrowException, KeyError) as error:
        raise TrainerError("embeddings_unreadable", f"no embedding file: {error}", where=str(path)) from error
    metadata = table.schema.metadata or {}
    found = metadata.get(b"encoder_sha256", b"").decode()
    kind = table.schema.field("embedding").type
    if found != encoder_sha256:
        raise TrainerError(
            "embeddings_mismatch",
            "a slide was embedded by another encoder",
            expected=encoder_sha256,
            found=found or "none",
            where=str(path),
            remedy="embed the cohort with this encoder",
        )
    if not pa.types.is_fixed_size_list(kind) or table.num_rows == 0:
        raise TrainerError(
            "embeddings_mismatch",
            "a slide's embeddings have another shape",
            expected="fixed_size_list<float16>, at least one row",
            found=f"{kind}, {table.num_rows} rows",
            where=str(path),
        )
    column = table.column("embedding").combine_chunks()
    values = np.asarray(column.flatten().to_numpy(zero_copy_only=False), dtype=np.float32)
    return torch.from_numpy(values.reshape(table.num_rows, kind.list_size).copy())


def _table(path: Path) -> pa.Table:
    """Arrow as the platform's embed stage writes it, whose numbers are not copied; Parquet as it is exported."""
    with path.open("rb") as file:
        is_arrow = file.read(6) == b"ARROW1"
    if not is_arrow:
        return pq.read_table(path)
    with pa.memory_map(str(path)) as mapped:
        return pa.ipc.open_file(mapped).read_all()
