"""Start noise of a synthetic crop, the same in Python and TypeScript (services/README.md, "Noise")."""

import hashlib

import numpy as np
from numpy.typing import NDArray


def noise_key(seed: int, crop_id: str, kind: str, alpha_primary: float, replica: int = 0) -> str:
    """kind: `generated` (alpha 1) or `interpolated`."""
    alpha = "1" if kind == "generated" else f"{alpha_primary:.1f}"
    return f"{seed}|{crop_id}|{kind}|{alpha}|{replica}"


def noise(key: str, count: int) -> NDArray[np.float32]:
    """`count` standard normal numbers: SHA-256 → splitmix64 by counter → Box–Muller in float64."""
    seed = np.uint64(int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big"))
    pairs = (count + 1) // 2
    counter = np.arange(1, 2 * pairs + 1, dtype=np.uint64)
    z = seed + counter * np.uint64(0x9E3779B97F4A7C15)  # unsigned arithmetic wraps modulo 2^64
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    uniform = ((z >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    radius, angle = np.sqrt(-2 * np.log(uniform[0::2])), 2 * np.pi * uniform[1::2]
    normal = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1).reshape(-1)
    return normal[:count].astype(np.float32)
