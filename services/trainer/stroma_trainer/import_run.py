"""What every kind of import shares: published weights become a run directory that stands as an input like one of ours.

Names and shapes are checked before anything is written; result.json is written last.
"""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import torch

from stroma_trainer.checkpoint import write_atomically
from stroma_trainer.errors import TrainerError
from stroma_trainer.provenance import code_revision

WEIGHTS = ("diffusion_pytorch_model.safetensors", "model.safetensors")


class Imported:
    """The run directory that is being made: what export_onnx asks of a run."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = path / "model"
        self.model.mkdir(parents=True)
        self.started = time.monotonic()

    def check_stop(self) -> None:
        """Nobody waits for an import to stop."""


def require_new(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise TrainerError(
            "out_exists", "what is there already is kept", expected="a folder that is new or empty", found=str(out)
        )


def opened(source: Path) -> tuple[Path, dict[str, Any]]:
    """A file, or a folder with config.json → the weights' file and the config ({} for a file)."""
    if not source.is_file() and not source.is_dir():
        raise TrainerError("input_missing", "there is no such file or folder", where=str(source))
    if source.is_file():
        return source, {}
    file = next((source / name for name in WEIGHTS if (source / name).is_file()), None)
    if file is None:
        raise TrainerError(
            "input_missing",
            "the folder holds no weights",
            expected=" or ".join(WEIGHTS),
            found=", ".join(sorted(entry.name for entry in source.iterdir())[:6]) or "an empty folder",
            where=str(source),
            remedy="convert a .bin or .pth first: python -m stroma_trainer convert",
        )
    return file, read_config(source / "config.json")


def read_config(file: Path) -> dict[str, Any]:
    """{} when there is none. Raises config_unreadable."""
    if not file.is_file():
        return {}
    try:
        config = json.loads(file.read_bytes())
    except ValueError as error:
        raise TrainerError("config_unreadable", f"{file.name} is no JSON: {error}", where=str(file)) from error
    if not isinstance(config, dict):
        raise TrainerError("config_unreadable", f"{file.name} is no object", where=str(file))
    return config


def source_of(kind: str, file: Path) -> dict[str, str]:
    """Where a network came from, for its card: names it by content."""
    with file.open("rb") as stream:
        return {"kind": kind, "file": file.name, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def finish(
    run: Imported,
    kind: str,
    source: Path,
    options: dict[str, Any],
    exported: tuple[dict[str, float], list[dict[str, Any]]],
) -> dict[str, Any]:
    """config.json and result.json as a stage's run has them. Returns the result."""
    parity, checkpoints = exported
    head = {"version": 1, "run_id": run.path.name, "stage": "import"}
    given = {name: str(value) if isinstance(value, Path) else value for name, value in options.items() if value}
    config = head | {"kind": kind, "from": str(source.resolve()), "options": given, "torch": torch.__version__}
    write_atomically(run.path / "config.json", json.dumps(config, indent=2).encode())
    result = head | {
        "seconds": round(time.monotonic() - run.started, 3),
        "code_revision": code_revision(),
        "losses": {},
        "metrics": {},
        "parity": parity,
        "checkpoints": checkpoints,
    }
    write_atomically(run.path / "result.json", json.dumps(result, indent=2).encode())
    return result
