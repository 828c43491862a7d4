"""Presets: base.toml has every setting with the paper's value; the others only what they change.

A stage's settings = base [common] + base [stage] + preset [common] + preset [stage] + the run's overrides.
train_gen_dino starts from train_dino's settings, because both train the same way. A preset that names another as its
`variant_of` changes that one.
"""

import math
import tomllib
from pathlib import Path
from typing import Any

from stroma_trainer.errors import TrainerError

NAMES = ("smoke", "tiny", "tiny12", "single_gpu", "panda", "bright")
CHOICES: dict[str, tuple[Any, ...]] = {
    "precision": ("fp32", "bf16"),
    "center_from": ("all", "globals"),
    "center_start": ("zero", "first_batch"),
    "interpolated": ("none", "pixels", "synthetic"),
    "mixing": ("after_head", "before_head"),
    "primary_view": ("g1", "own"),
    "interpolated_views": (1, 2),
    "second_view": ("generated", "real"),
    "local_source": ("both", "real", "generated"),
    "codec": ("vq", "pool"),
    "prediction": ("eps", "v"),
    "codebook_start": ("uniform", "first_batch"),
    "embedder_start": ("uniform", "whitened"),
    "folder_fit": ("crop", "resize"),
    "slerp_input": ("unit", "raw"),
    "sampler": ("ddim", "dpmpp", "unipc"),
    "aug": ("dino", "simil"),
}
BOUNDS: dict[str, tuple[float, float]] = {  # both included
    "alarm_window_share": (0.0, 1.0),
    "alarm_window_steps": (1, 1_000_000),
    "alarm_uniform_share": (0.0, 0.5),
    "alarm_entropy_share": (0.0, 0.5),
    "alarm_starved_share": (0.1, 1.0),
    "alarm_starved_window_s": (1.0, 86_400.0),
    "watch_every_epochs": (-1, 1_000_000),
    "watch_crops": (0, 100_000),
    "watch_rows": (1, 16),
    "watch_ddim_steps": (1, 1000),
}
# How a run computes, not what: a run may go on with other values. Results differ by the order of sums at most.
FREE = {"device", "threads", "checkpoint_interval_s", "metric_interval_s", "rank_silence_s"}
FREE |= {"crop_memory_gb", "prefetch_batches"}
FREE |= {"stop_on_alarm", "watch_alphas", *BOUNDS}  # watching changes nothing that is trained
BOUNDS |= {"seeds": (1, 100), "abstain_target_accuracy": (0.0, 1.0), "abstain_least_slides": (1, 1_000_000)}
FOLDER = Path(__file__).parent


def settings(stage: str, preset: str, overrides: dict[str, Any]) -> dict[str, Any]:
    """Raises unknown_preset, unknown_key, wrong_type, wrong_value."""
    if preset not in NAMES:
        raise TrainerError("unknown_preset", f"no preset {preset!r}", expected=", ".join(NAMES), found=preset)
    base, chosen = _read("base"), [_read(preset)]
    while "variant_of" in chosen[0]:
        chosen.insert(0, _read(chosen[0]["variant_of"]))
    sections = ["common", "train_dino", stage] if stage == "train_gen_dino" else ["common", stage]
    merged: dict[str, Any] = {}
    for section in sections:
        merged |= base[section]
    for changes in chosen:
        for section in sections:
            merged = _apply(merged, changes.get(section, {}), f"preset {preset}, [{section}]")
    return _apply(merged, overrides, f"overrides of {stage}")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())


def _apply(known: dict[str, Any], changes: dict[str, Any], where: str) -> dict[str, Any]:
    out = dict(known)
    for key, value in changes.items():
        if key not in known:
            raise TrainerError(
                "unknown_key", f"no setting {key!r}", expected=", ".join(sorted(known)), found=key, where=where
            )
        default = known[key]
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not type(default):
            raise TrainerError(
                "wrong_type",
                f"the setting {key!r} has the wrong type",
                expected=type(default).__name__,
                found=f"{type(value).__name__} {value!r}",
                where=where,
            )
        if value not in CHOICES.get(key, (value,)):
            raise TrainerError(
                "wrong_value",
                f"the setting {key!r} has no such value",
                expected=", ".join(map(str, CHOICES[key])),
                found=str(value),
                where=where,
            )
        low, high = BOUNDS.get(key, (-math.inf, math.inf))
        if key in BOUNDS and not low <= value <= high:
            raise TrainerError(
                "wrong_value",
                f"the setting {key!r} is out of bounds",
                expected=f"{low:g} to {high:g}",
                found=str(value),
                where=where,
            )
        out[key] = value
    return out
