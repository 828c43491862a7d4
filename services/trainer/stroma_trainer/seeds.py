"""Seeds derived from names, so that a step's randomness depends on the step and not on what ran before it."""

import hashlib
import random

import numpy as np
import torch


def derive(seed: int, *names: str | int) -> int:
    """63-bit seed for one purpose, e.g. derive(seed, "views", step)."""
    text = "|".join([str(seed), *map(str, names)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def generator(seed: int, *names: str | int) -> torch.Generator:
    """CPU generator: draws are the same whatever device the network runs on."""
    return torch.Generator().manual_seed(derive(seed, *names))


def seed_everything(seed: int, *names: str | int) -> None:
    """Seeds the global generators of Python, numpy and torch (weight initialisation, drop path, dropout)."""
    value = derive(seed, *names)
    random.seed(value)
    np.random.seed(value & 0xFFFFFFFF)
    torch.manual_seed(value)
