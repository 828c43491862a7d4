"""Alarms: what a training's numbers say before a person looks, as errors in words that stop the run.

alarm_uniform    the loss or the teacher's entropy stays at ln K: every crop gets the same, uniform target
alarm_collapse   the teacher's entropy stays at 0: every crop is put on one prototype
data_starved     most of the time goes by waiting for crops

(NaN and infinity are refused at once, by require_finite.) Each needs a whole window of steps, because the first steps
of every run lie at ln K. The settings are in presets/base.toml. A person who resumes in spite of an alarm leaves the
file `ignore_alarms` in the run directory: alarms are told in the log then, and stop nothing.
"""

import math
from collections.abc import Sequence
from typing import Any

from stroma_trainer import world
from stroma_trainer.errors import TrainerError
from stroma_trainer.run_directory import RunDirectory

IGNORED = "ignore_alarms"
LOOKS = 20  # a window


def window_of(c: Any, total: int) -> int:
    """Steps that must look alike: a share of the run's own, but never only a few."""
    least, share = int(c.alarm_window_steps), float(c.alarm_window_share)
    return max(least, math.ceil(share * total))


def dino_alarm(
    losses: Sequence[float], entropies: Sequence[float], ln_k: float, window: int, c: Any
) -> TrainerError | None:
    """By the last `window` steps' DINO losses and teacher entropies, in nats. Both halves of the window must agree, so
    that a loss that is on its way down is left alone."""
    if len(losses) < window:
        return None
    done = len(losses)
    where = f"steps {done - window + 1} to {done}"
    loss, entropy = halves(losses[-window:]), halves(entropies[-window:])
    if max(entropy) < c.alarm_entropy_share * ln_k:
        return TrainerError(
            "alarm_collapse",
            "The training has collapsed: the teacher puts every crop on one prototype, so there is nothing to learn.",
            expected=f"a teacher entropy between 0 and ln K = {ln_k:.2f}",
            found=f"{entropy[1]:.4f} on average",
            where=where,
            remedy="Lower lr, lower center_momentum, or raise teacher_temp (not above 0.07), in a new job. "
            "The checkpoint is kept.",
        )
    if min(entropy) > (1 - c.alarm_entropy_share) * ln_k:
        return TrainerError(
            "alarm_uniform",
            "Nothing is learned: the teacher gives every prototype the same probability, whatever the crop.",
            expected=f"a teacher entropy below ln K = {ln_k:.2f}",
            found=f"{entropy[1]:.4f} on average",
            where=where,
            remedy="Lower teacher_temp, use a larger batch or smaller K (prototypes), in a new job. "
            "The checkpoint is kept.",
        )
    if min(loss) > (1 - c.alarm_uniform_share) * ln_k:
        return TrainerError(
            "alarm_uniform",
            "Nothing is learned: the loss stays at ln K, that of a student who gives the same answer to every crop.",
            expected=f"a loss below ln K = {ln_k:.4f}",
            found=f"{loss[1]:.4f} on average",
            where=where,
            remedy="Raise lr, lower momentum or K (prototypes), or weaken the colour jitter, in a new job. "
            "The checkpoint is kept.",
        )
    return None


def starved_alarm(waited_s: float, elapsed_s: float, c: Any) -> TrainerError | None:
    """By the time waited for crops within the last elapsed_s."""
    if elapsed_s < c.alarm_starved_window_s or waited_s <= c.alarm_starved_share * elapsed_s:
        return None
    return TrainerError(
        "data_starved",
        "The training starves: most of its time goes by waiting for crops.",
        expected=f"at most {c.alarm_starved_share:.0%} of the time waiting",
        found=f"{waited_s / elapsed_s:.0%} of the last {elapsed_s / 60:.0f} min",
        remedy="Put the object store on a faster disk, or end what else reads from it, and resume. Or start a new job "
        "with a larger crop_memory_gb, so that decoded crops stay in memory. The checkpoint is kept.",
    )


def halves(values: Sequence[float]) -> tuple[float, float]:
    """Means of the first and the second half; of a single value, twice that."""
    middle = len(values) // 2
    first, second = values[: max(1, middle)], values[middle:]
    return sum(first) / len(first), sum(second) / len(second)


class Alarms:
    """Looks at a run's numbers now and then. What it gives back is to be raised after a checkpoint."""

    def __init__(self, run: RunDirectory, total: int, ln_k: float | None = None) -> None:
        """total: steps of the phase. ln_k: of a training that has prototypes; others know of_data only."""
        self.run = run
        self.ln_k = ln_k or 0.0
        self.window = window_of(run.c, total) if ln_k is not None else 1
        self.every = max(1, self.window // LOOKS)
        asked = (run.path / IGNORED).exists()
        self.stops = run.c.stop_on_alarm and not asked
        self._why = "a person asked to go on" if asked else "this preset only tells"
        self._report = run.data_clock.last
        self._reports: list[tuple[float, float]] = []  # seconds waited and elapsed since the one before
        self._starved = False

    def of_dino(self, losses: Sequence[float], entropies: Sequence[float]) -> TrainerError | None:
        """losses, entropies: of every step so far."""
        done = len(losses)
        if done % self.every:
            return None
        found = dino_alarm(losses, entropies, self.ln_k, self.window, self.run.c)
        if found is None or self.stops:
            return found
        before = dino_alarm(losses[: -self.every], entropies[: -self.every], self.ln_k, self.window, self.run.c)
        if before is None or before.code != found.code:
            self._tell(found)
        return None

    def of_data(self) -> TrainerError | None:
        """By the run's data clock, which is read with each metric event. Process 0 speaks for all."""
        report = self.run.data_clock.last
        if report is self._report or not world.leads():
            return None
        self._report = report
        self._reports.append(report)
        limit = self.run.c.alarm_starved_window_s
        while sum(elapsed for _, elapsed in self._reports[1:]) >= limit:
            self._reports.pop(0)
        waited, elapsed = (sum(column) for column in zip(*self._reports, strict=True))
        found = starved_alarm(waited, elapsed, self.run.c)
        if found is not None and self.stops:
            return found
        if found is not None and not self._starved:
            self._tell(found)
        self._starved = found is not None
        return None

    def _tell(self, alarm: TrainerError) -> None:
        found = alarm.details["found"]
        self.run.log(f"Alarm: {alarm.message} Found: {found}. The run goes on ({self._why}).")
