"""checkpoint.pt: everything a stage needs to go on, replaced atomically; checkpoint.previous.pt: the one before it.

What is random in a step, the order of the crops and the schedules derive from the seed and the step, so the state holds
the step and no generator. The one before is for a disk that loses bytes: whenever a kill comes, the last one is whole.
"""

import os
import shutil
import zipfile
from pathlib import Path
from typing import Any

import torch

from stroma_trainer import provenance
from stroma_trainer.errors import TrainerError

VERSION = 2


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


def save(path: Path, identity: dict[str, Any], state: dict[str, Any]) -> None:
    """identity: the configuration that the state belongs to."""
    temporary = path.with_name(path.name + ".tmp")
    with temporary.open("wb") as file:
        torch.save({"version": VERSION, "identity": identity, "state": state}, file)
        file.flush()
        os.fsync(file.fileno())
    if path.exists():
        keep(path, previous(path))
    rename_atomically(temporary, path)


def previous(path: Path) -> Path:
    return path.with_name(f"{path.stem}.previous{path.suffix}")


def keep(path: Path, other: Path) -> None:
    """Gives the file a second name, that stays when the first is given to another file."""
    temporary = other.with_name(other.name + ".tmp")
    temporary.unlink(missing_ok=True)
    try:
        os.link(path, temporary)
    except OSError:  # a file system without hard links
        shutil.copyfile(path, temporary)
    os.replace(temporary, other)


def load(path: Path, identity: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """The state, and what is wrong with the last checkpoint if it is that of the one before. Raises
    checkpoint_unreadable when both are damaged, checkpoint_foreign, checkpoint_version, config_mismatch."""
    try:
        return _load(path, identity), None
    except TrainerError as error:
        if error.code != "checkpoint_unreadable" or not previous(path).exists():
            raise
        try:
            return _load(previous(path), identity), error.message
        except TrainerError:
            raise error from None


def refuse_other(path: Path, identity: dict[str, Any]) -> None:
    """Early and cheap: reads no tensors. A damaged file is left to `load`. Raises checkpoint_foreign,
    checkpoint_version, config_mismatch."""
    if not path.exists():
        return
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except Exception:
        return
    _check(path, saved, identity)


def _load(path: Path, identity: dict[str, Any]) -> dict[str, Any]:
    try:
        with zipfile.ZipFile(path) as archive:  # torch itself does not compare the checksums it writes
            if damaged := archive.testzip():
                raise ValueError(f"its part {damaged} has another checksum")
        saved = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise TrainerError(
            "checkpoint_unreadable",
            f"the checkpoint cannot be read: {error}",
            where=str(path),
            remedy="delete the checkpoints to start the run anew",
        ) from error
    _check(path, saved, identity)
    state: dict[str, Any] = saved["state"]
    return state


def _check(path: Path, saved: Any, identity: dict[str, Any]) -> None:
    if not isinstance(saved, dict) or "version" not in saved or "state" not in saved:
        raise TrainerError(
            "checkpoint_foreign",
            "the file is no checkpoint of a stage",
            where=str(path),
            remedy="move it away; models are taken in by `import`",
        )
    if saved["version"] != VERSION:
        raise TrainerError(
            "checkpoint_version",
            "the checkpoint was written by another version",
            expected=str(VERSION),
            found=str(saved["version"]),
            where=str(path),
            remedy="finish the run with that version, or start a new run directory",
        )
    if changed := provenance.differences(saved["identity"], identity):
        raise TrainerError(
            "config_mismatch",
            "the checkpoint belongs to another configuration: " + "; ".join(changed),
            where=str(path),
            remedy="go back to what the run was started with, or start a new run directory",
        )
