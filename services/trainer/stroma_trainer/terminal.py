"""A run's events as lines for a person at a terminal."""

import sys
import time
from typing import Any

INTERVAL_S = 2.0  # between lines of one phase
SHOWN = ("loss", "l1", "teacher_entropy", "knn_accuracy")


class Terminal:
    """Prints each event given to it on standard error, so that standard output holds the result alone."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}
        self._phase = ""
        self._printed = 0.0

    def __call__(self, kind: str, fields: dict[str, Any]) -> None:
        if kind == "metric":
            self._values = self._values | fields["values"]
        elif kind == "log":
            print(fields["message"], file=sys.stderr, flush=True)
        elif kind == "progress":
            now = time.monotonic()
            if fields["phase"] != self._phase:
                self._phase, self._values = fields["phase"], {}
            elif fields["done"] < fields["total"] and now - self._printed < INTERVAL_S:
                return
            self._printed = now
            print(progress_line(fields, self._values), file=sys.stderr, flush=True)


def progress_line(progress: dict[str, Any], values: dict[str, float]) -> str:
    """E.g. `dino 48/96 steps · 12.3/s · 4 s left · loss 7.41 · 394 images/s · waiting for data 3 %`."""
    done, total, rate = progress["done"], progress["total"], progress["rate_per_s"]
    parts = [f"{progress['phase']} {done}/{total} {progress['unit']}s"]
    if rate:
        parts.append(f"{rate:.1f}/s")
        if done < total:
            parts.append(f"{duration((total - done) / rate)} left")
    parts += [f"{name.replace('_', ' ')} {values[name]:.4g}" for name in SHOWN if name in values]
    if "images_per_s" in values:
        parts.append(f"{values['images_per_s']:.0f} images/s")
    if "data_wait" in values:
        parts.append(f"waiting for data {100 * values['data_wait']:.0f} %")
    return " · ".join(parts)


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
