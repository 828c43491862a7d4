"""checkpoint.pt: everything a stage needs to go on, replaced atomically."""

import os
from pathlib import Path
from typing import Any

import torch

from stroma_trainer.errors import TrainerError

VERSION = 1


def write_atomically(path: Path, data: bytes) -> None:
    """Temporary file, fsync, rename, fsync of the folder: readers see the old bytes or the new, never a part."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    rename_atomically(temporary, path)


def rename_atomically(temporary: Path, path: Path) -> None:
    os.replace(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def save(path: Path, config_hash: str, state: dict[str, Any]) -> None:
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        torch.save({"version": VERSION, "config_hash": config_hash, "state": state}, file)
        file.flush()
        os.fsync(file.fileno())
    rename_atomically(temporary, path)


def load(path: Path, config_hash: str) -> dict[str, Any]:
    """Raises checkpoint_unreadable, checkpoint_version, config_mismatch."""
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise TrainerError(
            "checkpoint_unreadable",
            f"the checkpoint cannot be read: {error}",
            where=str(path),
            remedy="delete the checkpoint to start the run anew",
        ) from error
    if saved.get("version") != VERSION:
        raise TrainerError(
            "checkpoint_version",
            "the checkpoint was written by another version",
            expected=str(VERSION),
            found=str(saved.get("version")),
            where=str(path),
        )
    if saved["config_hash"] != config_hash:
        raise TrainerError(
            "config_mismatch",
            "the checkpoint belongs to another configuration",
            expected=saved["config_hash"],
            found=config_hash,
            where=str(path),
            remedy="restore config.json and the trainer's version, or start a new run directory",
        )
    state: dict[str, Any] = saved["state"]
    return state
