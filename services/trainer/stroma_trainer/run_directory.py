"""The run directory (services/README.md): config.json in; events.jsonl, checkpoint.pt and result.json out."""

import hashlib
import json
import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from stroma_trainer import checkpoint, device, presets, provenance, world
from stroma_trainer.crops import Manifest, read_manifest
from stroma_trainer.errors import Stopped, TrainerError
from stroma_trainer.image_folder import ImageFolder, is_plain_folder, read_image_folder
from stroma_trainer.loading import DataClock
from stroma_trainer.pictures import Picture

VERSION = 1
INPUTS = {
    "train_dino": {"manifest"},
    "train_eldm": {"manifest", "encoder"},
    "synthesize": {"manifest", "encoder", "eldm"},
    "train_gen_dino": {"manifest", "synthetic"},
    "embed": {"manifest", "encoder"},
    "train_abmil": {"bags"},
    "evaluate": {"manifest", "encoder"},
}
OPTIONAL_INPUTS = {"train_eldm": {"autoencoder", "unet"}, "evaluate": {"gen_encoder", "synthetic", "eldm"}}
FIELDS = {
    "version": int,
    "run_id": str,
    "stage": str,
    "preset": str,
    "seed": int,
    "code_revision": str,
    "overrides": dict,
    "inputs": dict,
}


class RunDirectory:
    """One execution of a stage. `c` holds the stage's settings: preset with the overrides applied. `show` is given the
    kind and fields of every event."""

    def __init__(self, path: Path, stage: str, show: Callable[[str, dict[str, Any]], None] | None = None) -> None:
        self.path = path
        self.show = show
        self.config = read_config(path / "config.json", stage)
        settings = presets.settings(stage, self.config["preset"], self.config["overrides"])
        self.c = SimpleNamespace(**settings)
        self.stage = stage
        self.run_id: str = self.config["run_id"]
        self.seed: int = self.config["seed"]
        self.folder: ImageFolder | None = None  # in the manifest's place
        data = self._data()
        self.identity = {
            **{name: self.config[name] for name in ("stage", "run_id", "seed", "code_revision")},
            "settings": {name: value for name, value in settings.items() if name not in presets.FREE},
            "data": data,
        }
        checkpoint.refuse_other(path / "checkpoint.pt", self.identity)
        self.model = path / "model"
        self.model.mkdir(exist_ok=True)
        self.stop = threading.Event()
        self.data_clock = DataClock()
        self._started = time.monotonic()
        self._seconds_before = 0.0  # spent by earlier executions, up to their last checkpoint
        self._last_checkpoint = time.monotonic()
        self._last_metric = 0.0
        self._phase_start: dict[str, tuple[float, int]] = {}
        merged = {
            **self.config,
            "settings": settings,
            "replaced": self._replaced(),
            "data": data,
            "skipped_images": self.folder.skipped if self.folder else [],
            "trainer_sha256": provenance.trainer_sha256(),
            "environment": provenance.environment(device.choose(self.c.device), self.c.threads),
        }
        if world.leads():
            checkpoint.write_atomically(path / "merged_config.json", _json(merged, indent=2))

    def _replaced(self) -> dict[str, Any]:
        """The preset's own values in the place of the overrides."""
        plain = presets.settings(self.stage, self.config["preset"], {})
        return {name: plain[name] for name in self.config["overrides"]}

    def _data(self) -> dict[str, str]:
        """SHA-256 of each input's content."""
        found = {}
        for name in sorted(self.config["inputs"]):
            path = self.input(name)
            if name == "manifest" and is_plain_folder(path):
                self.folder = read_image_folder(path, self.c.folder_skip_unreadable, self.c.threads)
                found[name] = self.folder.sha256
                if self.show is not None:
                    self.show("log", {"message": self.folder.summary()})
            else:
                found[name] = provenance.input_sha256(name, path)
        return found

    def manifest(self, crop_px: int = 0) -> Manifest:
        """The crops to work on. crop_px: the encoder's, for a plain folder whose crop_px is not set."""
        if self.folder is not None:
            return self.folder.manifest(self.c.folder_fit, self.c.folder_crop_px or crop_px, self.c.folder_mpp)
        return read_manifest(self.input("manifest"))

    def input(self, name: str) -> Path:
        """Absolute, or relative to the run directory."""
        path = self.path / str(self.config["inputs"][name])
        if not path.exists():
            raise TrainerError("input_missing", f"the input {name!r} does not exist", where=str(path))
        shards = name == "manifest" and path.is_dir() and not is_plain_folder(path)
        return path / "manifest.json" if shards else path

    def has_input(self, name: str) -> bool:
        return name in self.config["inputs"]

    # Checkpoints

    def restore(self) -> dict[str, Any] | None:
        """The state last saved, or None. Cuts events.jsonl back to what it held at that moment."""
        file = self.path / "checkpoint.pt"
        events = self.path / "events.jsonl"
        saved, damage = checkpoint.load(file, self.identity) if file.exists() else (None, None)
        if events.exists() and world.leads():
            keep = saved["events_bytes"] if saved else 0
            with events.open("r+b") as stream:
                stream.truncate(min(keep, events.stat().st_size))
        if damage is not None:
            self.log(f"The run goes on from the checkpoint before the last: {damage}.")
        if note := os.environ.get("STROMA_RUN_NOTE"):  # why whoever started this process did so again
            self.log(note)
        if saved is None:
            return None
        self._seconds_before = saved["seconds"]
        state: dict[str, Any] = saved["stage"]
        return state

    def save(self, state: dict[str, Any]) -> None:
        """Called by process 0 alone: all hold the same."""
        events = self.path / "events.jsonl"
        if events.exists():
            with events.open("rb") as stream:
                os.fsync(stream.fileno())
        envelope = {
            "events_bytes": events.stat().st_size if events.exists() else 0,
            "seconds": self.seconds(),
            "stage": state,
        }
        checkpoint.save(self.path / "checkpoint.pt", self.identity, envelope)
        self._last_checkpoint = time.monotonic()

    def save_if_due(
        self, state: Callable[[], dict[str, Any]], *, last: bool = False, alarm: TrainerError | None = None
    ) -> None:
        """After every step, in all processes: saves each checkpoint_interval_s and at the last step; raises the alarm
        where there is one; Stopped in the others, and in all if any was asked to stop."""
        waited = time.monotonic() - self._last_checkpoint
        ending = world.some(self.stop.is_set() or alarm is not None)
        if world.leads() and (last or ending or waited >= self.c.checkpoint_interval_s):
            self.save(state())
        if ending:
            world.leave()  # not before the checkpoint is there: torchrun ends all once the first has ended
            raise alarm or Stopped

    def check_stop(self) -> None:
        if self.stop.is_set():
            raise Stopped

    def seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    # Events

    def progress(self, phase: str, done: int, total: int, unit: str) -> None:
        """The rate is that of this process since the phase's first report."""
        now = time.monotonic()
        start, first = self._phase_start.setdefault(phase, (now, done))
        rate = (done - first) / (now - start) if now > start and done > first else None
        self._event("progress", phase=phase, done=done, total=total, unit=unit, rate_per_s=rate)

    def metric_due(self, *, last: bool = False) -> bool:
        """At most one metric event every metric_interval_s, and always the last step's."""
        now = time.monotonic()
        if not last and now - self._last_metric < self.c.metric_interval_s:
            return False
        self._last_metric = now
        return True

    def metric(self, phase: str, step: int, values: dict[str, float]) -> None:
        self._event("metric", phase=phase, step=step, values=values)

    def picture(self, phase: str, step: int, epoch: float, name: str, picture: Picture) -> None:
        """Writes pictures/<phase>-<name>-<step>.png, then tells of it. A resumed run replaces its own."""
        path = Path("pictures") / f"{phase}-{name}-{step:08d}.png"
        (self.path / "pictures").mkdir(exist_ok=True)
        checkpoint.write_atomically(self.path / path, picture.png)
        self._event(
            "picture",
            phase=phase,
            step=step,
            epoch=epoch,
            name=name,
            path=path.as_posix(),
            sha256=hashlib.sha256(picture.png).hexdigest(),
            bytes=len(picture.png),
            width=picture.width,
            height=picture.height,
            caption=picture.caption,
            synthetic=picture.synthetic,
        )

    def log(self, message: str) -> None:
        self._event("log", message=message)

    def _event(self, kind: str, **fields: Any) -> None:
        if world.leads():
            append_event(self.path, kind, **fields)
            if self.show is not None:
                self.show(kind, fields)

    # Result

    def finish(
        self,
        losses: dict[str, tuple[float, float]],
        metrics: dict[str, Any],
        parity: dict[str, float],
        checkpoints: list[dict[str, Any]],
    ) -> None:
        result = {
            "version": VERSION,
            "stage": self.stage,
            "run_id": self.run_id,
            "seconds": round(self.seconds(), 3),
            "code_revision": self.config["code_revision"],
            "losses": losses,
            "metrics": metrics,
            "parity": parity,
            "checkpoints": checkpoints,
        }
        checkpoint.write_atomically(self.path / "result.json", _json(result, indent=2))


def append_event(directory: Path, kind: str, /, **fields: Any) -> None:
    line = {"version": VERSION, "time": datetime.now(UTC).isoformat(timespec="milliseconds"), "kind": kind, **fields}
    with (directory / "events.jsonl").open("ab") as stream:
        stream.write(_json(line) + b"\n")


def first_and_last(history: Sequence[float]) -> tuple[float, float]:
    """Means over the first and the last tenth of the steps, at least one step each."""
    count = max(1, len(history) // 10)
    return sum(history[:count]) / count, sum(history[-count:]) / count


def require_finite(value: float, phase: str, step: int, what: str = "loss") -> None:
    """what: the loss, or the gradient norm before the weights are changed by it."""
    if not math.isfinite(value):
        raise TrainerError(
            "non_finite_loss",
            f"the {what} of {phase} is {value} at step {step}",
            expected="a finite number",
            found=str(value),
            remedy="lower lr, or use precision fp32; the checkpoint before this step is kept",
        )


def read_config(path: Path, stage: str) -> dict[str, Any]:
    """Raises config_missing, config_unreadable, config_version, config_field, wrong_stage, inputs_mismatch."""
    if not path.exists():
        raise TrainerError("config_missing", "the run directory has no config.json", where=str(path))
    try:
        config: dict[str, Any] = json.loads(path.read_bytes())
    except ValueError as error:
        raise TrainerError("config_unreadable", f"config.json is no JSON: {error}", where=str(path)) from error
    if not isinstance(config, dict) or config.get("version") != VERSION:
        found = config.get("version") if isinstance(config, dict) else type(config).__name__
        raise TrainerError(
            "config_version",
            "config.json has another version",
            expected=str(VERSION),
            found=str(found),
            where=str(path),
        )
    for name, kind in FIELDS.items():
        if not isinstance(config.get(name), kind) or isinstance(config[name], bool):
            raise TrainerError(
                "config_field",
                f"config.json: {name!r} is missing or of the wrong type",
                expected=kind.__name__,
                found=type(config.get(name)).__name__,
                where=str(path),
            )
    if config["stage"] != stage:
        raise TrainerError("wrong_stage", "config.json names another stage", expected=stage, found=config["stage"])
    if not INPUTS[stage] <= set(config["inputs"]) <= INPUTS[stage] | OPTIONAL_INPUTS.get(stage, set()):
        raise TrainerError(
            "inputs_mismatch",
            f"the inputs of {stage} are not those in config.json",
            expected=", ".join(sorted(INPUTS[stage])),
            found=", ".join(sorted(config["inputs"])) or "none",
            where=str(path),
        )
    return config


def _json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(finite(value), indent=indent, allow_nan=False, ensure_ascii=False).encode()


def finite(value: Any) -> Any:
    """JSON has no NaN: an undefined number is null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value
