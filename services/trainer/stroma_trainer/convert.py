"""A PyTorch checkpoint (.pth, .pt, .ckpt, .bin) → safetensors, the one way in for files that torch.save wrote.

    python -m stroma_trainer convert --from X.pth --out X.safetensors

Read by torch's weights-only unpickler, which builds tensors and plain values and calls nothing else. Two harmless
kinds are let through beside them, because DINO's own checkpoints hold them: argparse.Namespace (`args`) and numpy's
numbers (the optimizer's learning rate). A bare pickle is not a zip archive and never reaches an unpickler.
"""

import argparse
import codecs
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from stroma_trainer.checkpoint import rename_atomically
from stroma_trainer.errors import TrainerError
from stroma_trainer.weights import LARGEST_BYTES, listed

MOST_DICTIONARIES = 100  # a checkpoint has a handful; also bounds how deep they lie in one another
MOST_TENSORS = 20_000
LEFT_OUT = ("optimizer", "optimizer_states", "lr_schedulers", "callbacks", "loops", "fp16_scaler")
HARMLESS: list[Any] = [
    argparse.Namespace,
    (np._core.multiarray.scalar, "numpy.core.multiarray.scalar"),  # type: ignore[attr-defined]  # numpy 1's name
    (np._core.multiarray.scalar, "numpy._core.multiarray.scalar"),  # type: ignore[attr-defined]
    np.dtype,
    *(type(np.dtype(name)) for name in ("float64", "float32", "int64", "int32", "bool")),
    (codecs.encode, "_codecs.encode"),  # how pickle writes numpy's bytes
]


def convert(source: Path, target: Path) -> dict[str, Any]:
    """Writes every tensor under its path of dictionary keys, joined by dots. Returns what was written.

    Raises input_missing, not_a_torch_file, pickle_refused, too_many_tensors, no_weights, out_exists, out_missing.
    """
    if target.suffix != ".safetensors" or target.exists():
        raise TrainerError(
            "out_exists" if target.exists() else "not_safetensors",
            "the converted file needs a name of its own",
            expected="a new file that ends in .safetensors",
            found=str(target),
        )
    if not target.parent.is_dir():
        raise TrainerError("out_missing", "the folder to write to does not exist", where=str(target.parent))
    check_archive(source)
    try:
        with torch.serialization.safe_globals(HARMLESS):
            content = torch.load(source, map_location="cpu", weights_only=True, mmap=True)
    except Exception as error:
        raise TrainerError(
            "pickle_refused",
            f"the file holds more than weights, or is damaged: {str(error).splitlines()[0]}",
            expected="tensors, numbers and text in dictionaries",
            where=str(source),
            remedy="in the project it came from, save the state dict alone: torch.save(model.state_dict(), file)",
        ) from error
    tensors: dict[str, Tensor] = {}
    weighed = 0
    for name, tensor in named_tensors(content, "", set()):
        weighed += tensor.numel() * tensor.element_size()
        # a view may claim more than its storage holds, and one storage may be viewed many times
        if len(tensors) >= MOST_TENSORS or weighed > min(LARGEST_BYTES, 2 * source.stat().st_size):
            raise TrainerError(
                "too_many_tensors",
                "the tensors are larger than the file they lie in",
                expected=f"at most {MOST_TENSORS} tensors and twice the file's {source.stat().st_size} bytes",
                found=f"more, at {name}",
                where=str(source),
            )
        tensors[name] = tensor
    if not tensors:
        raise TrainerError("no_weights", "the file holds no tensor", expected="a state dict", where=str(source))
    temporary = target.with_name(target.name + ".tmp")
    save_file({name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}, temporary)
    rename_atomically(temporary, target)
    skipped = [key for key in content if key in LEFT_OUT] if isinstance(content, dict) else []
    return {"tensors": len(tensors), "bytes": target.stat().st_size, "left_out": skipped, "first": listed([*tensors])}


def check_archive(source: Path) -> None:
    """torch.save writes a zip archive whose entries are stored as they are: a compressed one may be a bomb."""
    found = None
    if not source.is_file():
        raise TrainerError("input_missing", "there is no such file", where=str(source))
    if not zipfile.is_zipfile(source):
        found = "no zip archive: a bare pickle, or a file of torch before 1.6"
    else:
        try:
            with zipfile.ZipFile(source) as archive:
                entries = archive.infolist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            found = f"a damaged archive: {error}"
        else:
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries):
                found = "compressed entries"
            elif sum(entry.file_size for entry in entries) > source.stat().st_size:
                found = "entries larger than the file"
            elif not any(entry.filename.endswith("/data.pkl") for entry in entries):
                found = "an archive of something else"
    if found is not None:
        raise TrainerError(
            "not_a_torch_file",
            "this is no file that torch.save writes",
            expected="a .pth, .pt, .ckpt or .bin of torch 1.6 or later",
            found=found,
            where=str(source),
        )


def named_tensors(value: Any, path: str, seen: set[int]) -> Iterator[tuple[str, Tensor]]:
    """Depth first, every dictionary once: a small pickle may refer to one of them very often.

    What training needs beside the weights is left out: it would double or treble the file.
    """
    if isinstance(value, Tensor):
        plain = value.layout is torch.strided and value.device.type == "cpu" and not value.is_quantized
        if plain and not value.is_complex() and path != "__metadata__":  # safetensors keeps that name for itself
            yield path or "tensor", value
    elif isinstance(value, dict) and id(value) not in seen and len(seen) < MOST_DICTIONARIES:
        seen.add(id(value))
        for key, item in value.items():
            if path or key not in LEFT_OUT:
                yield from named_tensors(item, f"{path}.{key}" if path else str(key), seen)
