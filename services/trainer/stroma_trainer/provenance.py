"""What a run was made from: its inputs by content, the code, the machine. Written into merged_config.json."""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

from stroma_trainer.errors import TrainerError

LIBRARIES = ("torch", "diffusers", "numpy", "pillow", "onnx", "onnxruntime", "pyarrow", "safetensors")
PACKAGE = Path(__file__).parent
# The file that stands for a finished run's product: its bytes, or the hashes of its shards.
PRODUCTS = {
    "encoder": "model/encoder.safetensors",
    "gen_encoder": "model/encoder.safetensors",
    "eldm": "model/eldm.safetensors",
    "synthetic": "synthetic.json",
    "autoencoder": "model/autoencoder.safetensors",
    "unet": "model/unet.safetensors",
}


def input_sha256(name: str, path: Path) -> str:
    """Of an input's content, wherever it lies. A manifest: with the lines of its crops, and by the shards' hashes in it
    their pixels."""
    files = [product(name, path)] if name in PRODUCTS else [path]
    try:
        if name == "manifest":
            files.append(path.parent / json.loads(path.read_bytes())["crops"])
        digest = hashlib.sha256()
        for file in files:
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    except (OSError, ValueError, KeyError, TypeError) as error:
        code = "manifest_unreadable" if name == "manifest" else "input_missing"
        raise TrainerError(
            code,
            f"the input {name!r} cannot be read: {error}",
            where=str(path),
            remedy="name a manifest, or the directory of a run that has finished",
        ) from error
    return digest.hexdigest()


def product(name: str, run: Path) -> Path:
    """An autoencoder or a U-Net may also be that of a whole E-LDM."""
    file = run / PRODUCTS[name]
    return run / PRODUCTS["eldm"] if name in ("autoencoder", "unet") and not file.exists() else file


def environment(device: torch.device, threads: int) -> dict[str, Any]:
    return {
        "python": platform.python_version(),
        "libraries": {name: importlib.metadata.version(name) for name in LIBRARIES},
        "torch_build": {
            "git": torch.version.git_version,
            "cuda": torch.version.cuda,
            "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "blas": "mkl" if torch.backends.mkl.is_available() else "other",
        },
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cpus": os.cpu_count(),
        "device": str(device),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "threads": threads or os.cpu_count(),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def trainer_sha256() -> str:
    """Of the trainer's own files, so that an edited working copy is told from its revision."""
    digest = hashlib.sha256()
    for file in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.toml")]):
        digest.update(f"{file.relative_to(PACKAGE).as_posix()} ".encode() + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def code_revision() -> str:
    """The git revision where the trainer lies in a checkout, with -dirty when edited; else the hash of its files."""
    git = ["git", "-C", str(PACKAGE)]
    try:
        # the package may lie, unversioned, inside somebody else's repository
        subprocess.run([*git, "ls-files", "--error-unmatch", "__init__.py"], check=True, capture_output=True)
        found = subprocess.run(
            [*git, "describe", "--always", "--dirty", "--abbrev=12"], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError):
        return f"sha256:{trainer_sha256()}"
    return found.stdout.decode().strip()


def differences(before: Any, now: Any, name: str = "") -> list[str]:
    """`path: before → now` for every value that differs, in nested dictionaries."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = sorted(before.keys() | now.keys())
        parts = [differences(before.get(key), now.get(key), f"{name}.{key}" if name else key) for key in keys]
        return [line for part in parts for line in part]
    return [] if before == now else [f"{name}: {_short(before)} → {_short(now)}"]


def _short(value: Any) -> str:
    text = "none" if value is None else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"
