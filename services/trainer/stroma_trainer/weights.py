"""Weights as safetensors, with what is needed to build the network they belong to."""

import json
from pathlib import Path
from typing import Any

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor


def save_weights(file: Path, tensors: dict[str, Tensor], architecture: dict[str, Any], card: dict[str, Any]) -> None:
    """One metadata entry holds both: safetensors writes several in any order, and equal weights give equal bytes."""
    save_file(tensors, file, {"stroma": json.dumps({"architecture": architecture, "card": card})})


def load_weights(file: Path) -> tuple[dict[str, Tensor], dict[str, Any], dict[str, Any]]:
    """→ tensors, architecture, card"""
    with safe_open(file, "pt") as opened:
        described = json.loads(opened.metadata()["stroma"])
    return load_file(file), described["architecture"], described["card"]
