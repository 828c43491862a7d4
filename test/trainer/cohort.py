"""Seeded tissue-like textures in shards with a manifest, bags of embeddings, and run directories to start stages on."""

import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageFilter

TRAINER = Path(__file__).parents[2] / "services" / "trainer"


def texture(rng: np.random.Generator, side: int, cells: int) -> Image.Image:
    """Pink stroma with `cells` dark nuclei."""
    grain = Image.fromarray(rng.integers(0, 255, (side // 8, side // 8), dtype=np.uint8)).resize((side, side), 3)
    stroma = np.array([225, 160, 190]) + (np.asarray(grain, dtype=float)[..., None] - 128) * [0.15, 0.3, 0.15]
    y, x = np.mgrid[0:side, 0:side]
    for _ in range(cells):
        cx, cy, r = rng.uniform(0, side), rng.uniform(0, side), rng.uniform(0.02, 0.05) * side
        stroma[(x - cx) ** 2 + (y - cy) ** 2 < r**2] = rng.normal([95, 60, 130], 12)
    return Image.fromarray(stroma.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.7))


def make_manifest(folder: Path, slides: int = 3, crops: int = 8, crop_px: int = 128) -> Path:
    rng = np.random.default_rng(7)
    lines, shards = [], []
    folder.mkdir(parents=True, exist_ok=True)
    for slide in range(slides):
        path = folder / f"{slide:06d}.tar"
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for ix in range(crops):
                buffer = io.BytesIO()
                texture(rng, crop_px, 4 + 12 * slide).save(buffer, "JPEG", quality=90)
                info = tarfile.TarInfo(f"slide-{slide}_{ix * crop_px}_0.jpg")
                info.size = buffer.tell()
                offset = tar.offset + 512
                tar.addfile(info, io.BytesIO(buffer.getvalue()))
                lines.append(
                    {
                        "crop_id": f"{slide + 1}:{ix}",
                        "slide_id": f"slide-{slide}",
                        "x0": ix * crop_px,
                        "y0": 0,
                        "shard": slide,
                        "offset": offset,
                        "length": info.size,
                    }
                )
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        shards.append({"path": path.name, "sha256": digest, "slide_id": f"slide-{slide}", "crop_count": crops})
    (folder / "crops.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    manifest = {
        "version": 1,
        "mpp": 0.5,
        "crop_px": crop_px,
        "crop_count": len(lines),
        "slides": [{"slide_id": f"slide-{ix}", "patient_id": f"patient-{ix}"} for ix in range(slides)],
        "labels": {f"slide-{ix}": "many" if ix else "few" for ix in range(slides)},
        "shards": shards,
        "crops": "crops.jsonl",
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder / "manifest.json"


def make_folder(folder: Path, images: int = 8, side: int = 80, named: str = "image-{}.png") -> Path:
    """Two classes, few and many nuclei, of images each."""
    rng = np.random.default_rng(5)
    for label, cells in (("dense", 30), ("sparse", 4)):
        (folder / label).mkdir(parents=True)
        for ix in range(images):
            texture(rng, side, cells).save(folder / label / named.format(ix))
    return folder


def make_bags(folder: Path, slides: int = 12, dim: int = 16, folds: int = 3) -> Path:
    """Two classes that differ in the mean of some instances; the last slide has no label."""
    rng = np.random.default_rng(11)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for ix in range(slides):
        label = ix % 2
        values = rng.normal(0, 1, (rng.integers(5, 12), dim)).astype(np.float16)
        values[:3, 0] += np.float16(4 * label)
        array = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1), pa.float16()), dim)
        table = pa.table({"embedding": array}).replace_schema_metadata({"encoder_sha256": "e" * 64})
        pq.write_table(table, folder / f"{ix}.parquet")
        rows.append(
            {
                "slide_id": f"s{ix}",
                "patient_id": f"p{ix}",
                "label": None if ix == slides - 1 else label,
                "fold": (ix // 2) % folds,
                "path": f"{ix}.parquet",
            }
        )
    bags = {"version": 1, "encoder_sha256": "e" * 64, "classes": ["a", "b"], "fold_count": folds, "slides": rows}
    (folder / "bags.json").write_text(json.dumps(bags))
    return folder / "bags.json"


def make_run(
    folder: Path, stage: str, inputs: dict[str, Path], preset: str = "smoke", seed: int = 1, **overrides: Any
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    config = {
        "version": 1,
        "run_id": folder.name,
        "stage": stage,
        "preset": preset,
        "seed": seed,
        "code_revision": "test",
        "overrides": overrides,
        "inputs": {name: str(path) for name, path in inputs.items()},
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def start(run: Path, **options: Any) -> subprocess.Popen[bytes]:
    stage = json.loads((run / "config.json").read_text())["stage"]
    command = [sys.executable, "-m", "stroma_trainer", stage, "--run", str(run)]
    environment = os.environ | {"PYTHONPATH": str(TRAINER)}
    options = {"stdin": subprocess.DEVNULL, "stderr": subprocess.PIPE} | options
    return subprocess.Popen(command, env=environment, **options)


def events(run: Path, kind: str) -> list[dict[str, Any]]:
    file = run / "events.jsonl"
    lines = file.read_text().splitlines() if file.exists() else []
    return [event for event in map(json.loads, lines) if event["kind"] == kind]


def result(run: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((run / "result.json").read_text())
    return value
