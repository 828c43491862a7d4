"""The embeddings of every crop, in the platform's files (services/README.md, "Embedding files").

    python -m stroma_trainer embed --data FOLDER --encoder RUN --out RUN    # inputs: manifest, encoder

embeddings/<slide>.parquet   one file a slide. Images of a plain folder whose names give no slide lie together, one file
                             a subfolder, each its own slide in the column slide_id.
A file that is there is not made again; of N processes, process r makes the files r, r + N, …

bags.json                    where slides have labels: train_abmil --bags RUN/bags.json; folds are drawn
                             by patient, each class spread evenly over them
"""

import json
import os
import random
import shutil
from collections import defaultdict
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from torch import Tensor

from stroma_trainer import world
from stroma_trainer.checkpoint import rename_atomically, write_atomically
from stroma_trainer.crops import Crop, Manifest
from stroma_trainer.device import autocast, prepare
from stroma_trainer.encoder import check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.image_folder import slide_unknown
from stroma_trainer.loading import Feed
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.seeds import derive

VERSION = 1  # of bags.json


def embed(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    c = run.c
    device = prepare(c.device, c.threads)
    world.join(device, c.rank_silence_s, run.log)
    encoder = load_encoder(run.input("encoder")).to(device)
    manifest = run.manifest(encoder.card["crop_px"])
    input_px = encoder.card["input_px"]
    check_crops(encoder, manifest.crop_px, input_px)
    images = manifest.store(input_px, 0.0)  # each is needed once: nothing is kept
    sha256 = encoder_sha256(run.input("encoder"))
    files = grouped(manifest.crops)

    paths = {name: run.path / "embeddings" / f"{name}.parquet" for name in files}

    saved = run.restore()  # tells whether the files that are there belong to this configuration
    if saved is None and world.leads():
        shutil.rmtree(run.path / "embeddings", ignore_errors=True)
        run.save({})
    world.barrier()
    names = list(files)
    todo = [names[ix] for ix in world.mine(len(names)) if not paths[names[ix]].exists()]
    batches = [(name, part) for name in todo for part in torch.tensor(files[name]).split(c.batch_size)]
    feed = Feed(lambda ix: images.read(batches[ix][1]), range(len(batches)), c.prefetch_batches, run.data_clock)
    parts: list[Tensor] = []
    done = sum(len(files[name]) for name in names if paths[name].exists())
    run.progress("embed", done, len(images), "crop")
    for ix, (name, indices) in enumerate(batches):
        with autocast(device, c.precision):
            parts.append(encoder.embed(feed.take(ix).to(device)).float().cpu())
        done += len(indices)
        if run.metric_due(last=ix + 1 == len(batches)):
            run.metric("embed", done, run.data_clock.share())
            run.progress("embed", done, len(images), "crop")
        if ix + 1 < len(batches) and batches[ix + 1][0] == name:
            run.check_stop()
            continue
        crops = [manifest.crops[row] for row in files[name]]
        origin = {"encoder_sha256": sha256, "code_revision": run.config["code_revision"]}
        write_embeddings(paths[name], crops, torch.cat(parts), manifest.mpp, origin)
        parts.clear()
        done = sum(len(files[other]) for other in names if paths[other].exists())
        if world.leads():
            run.save({})
        run.check_stop()
    world.barrier()
    if not world.leads():
        return {}, {}

    metrics: dict[str, Any] = {
        "crops": len(images),
        "files": len(names),
        "embedding_dim": encoder.card["embedding_dim"],
        "encoder_sha256": sha256,
    }
    bags = bags_of(manifest, sha256, c.fold_count, run.seed)
    if bags is not None:
        write_atomically(run.path / "bags.json", json.dumps(bags, indent=2, ensure_ascii=False).encode())
        metrics["bags"] = len(bags["slides"])
    return {}, metrics


def grouped(crops: list[Crop]) -> dict[str, list[int]]:
    """File name without suffix → indices of its crops, in the manifest's order."""
    files: dict[str, list[int]] = defaultdict(list)
    for ix, crop in enumerate(crops):
        folder = PurePosixPath(crop.crop_id).parent
        files[(str(folder) if folder.name else "images") if slide_unknown(crop) else crop.slide_id].append(ix)
    return dict(files)


def write_embeddings(path: Path, crops: list[Crop], embeddings: Tensor, mpp: float, origin: dict[str, str]) -> None:
    """embeddings: float [N, D], kept as float16. What the data does not tell (µm/px, place, tissue) is null, not 0."""
    rows, dim = embeddings.shape
    if not torch.isfinite(embeddings.half()).all():
        raise TrainerError(
            "embedding_range",
            "an embedding does not fit into float16",
            expected="numbers within ±65504",
            found=str(float(embeddings.abs().max())),
            where=str(path),
            remedy="look at the encoder's training: its output has run away",
        )
    values = pa.array(embeddings.half().numpy().reshape(-1), pa.float16())
    placed = [not slide_unknown(crop) for crop in crops]
    columns = {
        "slide_id": pa.array([crop.slide_id for crop in crops], pa.string()),
        "crop_id": pa.array([crop.crop_id for crop in crops], pa.string()),
        "x0": pa.array([crop.x0 if known else None for crop, known in zip(crops, placed, strict=True)], pa.int32()),
        "y0": pa.array([crop.y0 if known else None for crop, known in zip(crops, placed, strict=True)], pa.int32()),
        "size0_x": pa.nulls(rows, pa.float64()),  # level-0 px: the slide's own µm/px is not in the data
        "size0_y": pa.nulls(rows, pa.float64()),
        "mpp": pa.array([mpp or None] * rows, pa.float64()),
        "tissue_fraction": pa.nulls(rows, pa.float32()),
        "embedding": pa.FixedSizeListArray.from_arrays(values, dim),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    pq.write_table(pa.table(columns).replace_schema_metadata(origin), temporary, compression="zstd")
    with temporary.open("rb") as file:
        os.fsync(file.fileno())  # its name alone will say that it is whole
    rename_atomically(temporary, path)


def bags_of(manifest: Manifest, encoder_sha256: str, fold_count: int, seed: int) -> dict[str, Any] | None:
    """bags.json, or None without two classes of slides. Every slide that a name or a manifest gives is one."""
    slides = sorted({crop.slide_id for crop in manifest.crops if not slide_unknown(crop)})
    classes = sorted({manifest.labels[slide] for slide in slides if slide in manifest.labels})
    if len(classes) < 2:
        return None
    patient = {slide: manifest.patients.get(slide, slide) for slide in slides}
    folds = draw_folds({slide: manifest.labels.get(slide, "") for slide in slides}, patient, fold_count, seed)
    return {
        "version": VERSION,
        "encoder_sha256": encoder_sha256,
        "classes": classes,
        "fold_count": fold_count,
        "slides": [
            {
                "slide_id": slide,
                "patient_id": patient[slide],
                "label": classes.index(manifest.labels[slide]) if slide in manifest.labels else None,
                "fold": folds[patient[slide]],
                "path": f"embeddings/{slide}.parquet",
            }
            for slide in slides
        ],
    }


def draw_folds(labels: dict[str, str], patient: dict[str, str], fold_count: int, seed: int) -> dict[str, int]:
    """Patient → fold: patients are shuffled by seed, sorted by class (their first slide's) and dealt out in turn."""
    first = {patient[slide]: labels[slide] for slide in sorted(labels, reverse=True)}
    order = sorted(first)
    random.Random(derive(seed, "folds")).shuffle(order)
    order.sort(key=lambda name: first[name])
    return {name: ix % fold_count for ix, name in enumerate(order)}
