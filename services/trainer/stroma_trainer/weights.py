"""Weights as safetensors, with what is needed to build the network they belong to. Nothing else is ever loaded: a
pickle can run code (`convert.py` is the one way in for a .pth)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from stroma_trainer.errors import TrainerError

LARGEST_BYTES = 16 * 2**30  # ten times the paper's U-Net in fp32
NAMED = 6  # tensors that an error names of each kind


def save_weights(file: Path, tensors: dict[str, Tensor], architecture: dict[str, Any], card: dict[str, Any]) -> None:
    """One metadata entry holds both: safetensors writes several in any order, and equal weights give equal bytes."""
    save_file(tensors, file, {"stroma": json.dumps({"architecture": architecture, "card": card})})


def load_weights(file: Path) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Any]]:
    """→ tensors, architecture, card. Raises weights_unreadable, weights_too_large, weights_foreign."""
    tensors, described = read_safetensors(file)
    if described is None:
        raise TrainerError(
            "weights_foreign",
            "the weights are not those of a run",
            expected="a file that Stroma wrote, with its architecture and card",
            found="a safetensors file without them",
            where=str(file),
            remedy="take them in with: python -m stroma_trainer import",
        )
    return tensors, described["architecture"], described["card"]


def read_safetensors(file: Path) -> tuple[dict[str, Tensor], dict[str, Any] | None]:
    """→ tensors as stored, and {architecture, card} if Stroma wrote the file.

    Raises weights_unreadable, weights_too_large, not_safetensors.
    """
    if file.suffix != ".safetensors":
        raise TrainerError(
            "not_safetensors",
            "weights are loaded from safetensors only",
            expected="a .safetensors file",
            found=file.name,
            where=str(file),
            remedy=f"python -m stroma_trainer convert --from {file} --out {file.with_suffix('.safetensors')}",
        )
    size = file.stat().st_size
    if size > LARGEST_BYTES:
        raise TrainerError(
            "weights_too_large",
            "the file is larger than any network here",
            expected=f"at most {LARGEST_BYTES} bytes",
            found=f"{size} bytes",
            where=str(file),
        )
    try:
        with safe_open(file, "pt") as opened:
            text = (opened.metadata() or {}).get("stroma")
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118  # no mapping
        described = None if text is None else json.loads(text)
        if described is not None and not all(isinstance(described[part], dict) for part in ("architecture", "card")):
            raise ValueError("its description is incomplete")
    except (SafetensorError, ValueError, KeyError, TypeError, OSError, RuntimeError) as error:
        raise TrainerError(
            "weights_unreadable",
            f"the weights cannot be read: {error}",
            expected="a whole safetensors file",
            where=str(file),
            remedy="copy or convert the file again",
        ) from error
    return tensors, described


def fill(build: Callable[[], nn.Module], tensors: Mapping[str, Tensor], where: Path) -> dict[str, Tensor]:
    """The tensors as float32, once they are known to be those of the network, all of them and finite.

    Raises weights_mismatch, weights_not_finite.
    """
    with torch.device("meta"):
        expected = {name: tuple(tensor.shape) for name, tensor in build().state_dict().items()}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    differences = {
        "missing": sorted(expected.keys() - found.keys()),
        "unexpected": sorted(found.keys() - expected.keys()),
        "other shape": [
            f"{name} {list(found[name])} instead of {list(shape)}"
            for name, shape in expected.items()
            if name in found and found[name] != shape
        ],
        "no floating-point numbers": sorted(
            name for name in expected.keys() & found.keys() if not tensors[name].is_floating_point()
        ),
    }
    if any(differences.values()):
        raise TrainerError(
            "weights_mismatch",
            "the weights are not those of this network",
            expected=f"{len(expected)} tensors",
            found="; ".join(f"{kind}: {listed(names)}" for kind, names in differences.items() if names),
            where=str(where),
        )
    broken = sorted(name for name, tensor in tensors.items() if not bool(torch.isfinite(tensor).all()))
    if broken:
        raise TrainerError(
            "weights_not_finite",
            "the weights hold infinities or are no numbers",
            expected="finite numbers",
            found=listed(broken),
            where=str(where),
        )
    return {name: tensor.float().contiguous() for name, tensor in tensors.items()}


def listed(names: list[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
