"""Where and how exactly a stage computes."""

import os
from contextlib import AbstractContextManager

import torch

from stroma_trainer import world


def choose(device: str) -> torch.device:
    """`auto` is cuda when there is one; else the device by name. Of several processes each takes its own GPU."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and world.size() > 1:
        device = f"cuda:{world.local_rank()}"
    return torch.device(device)


def prepare(device: str, threads: int) -> torch.device:
    """device: `auto`, `cpu`, `cuda`…; threads: 0 = all cores, divided among the processes. Turns on deterministic
    kernels where they exist."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # cuBLAS is deterministic only with this set
    torch.set_num_threads(threads or max(1, (os.cpu_count() or 1) // world.local_size()))
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # slow, changes nothing
    return choose(device)


def autocast(device: torch.device, precision: str) -> AbstractContextManager[object]:
    """precision: `fp32` or `bf16`. bf16 rather than fp16: same range as fp32, so no loss scaling."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
