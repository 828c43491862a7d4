"""Alarms by constructed histories: which numbers stop a run, which must not, and what happens to its checkpoint."""

import math
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from cohort import events, make_run, result
from conftest import DINO, finish
from stroma_trainer.__main__ import main
from stroma_trainer.alarms import IGNORED, Alarms, dino_alarm, starved_alarm, window_of
from stroma_trainer.crops import ImageStore
from stroma_trainer.errors import TrainerError
from stroma_trainer.presets import settings
from stroma_trainer.run_directory import RunDirectory, require_finite

LN_K = math.log(65536)
C = SimpleNamespace(**settings("train_dino", "panda", {}))
HEALTHY = 0.6 * LN_K


def alarm(losses: list[float], entropies: list[float], window: int = 100) -> str | None:
    found = dino_alarm(losses, entropies, LN_K, window, C)
    return found.code if found else None


def falling(start: float, end: float, steps: int = 100) -> list[float]:
    return [start + (end - start) * ix / (steps - 1) for ix in range(steps)]


@pytest.mark.parametrize(
    ("losses", "entropies", "code"),
    [
        ([11.0902] * 100, [HEALTHY] * 100, "alarm_uniform"),  # dino#246
        ([LN_K + 0.3] * 100, [HEALTHY] * 100, "alarm_uniform"),
        ([9.0] * 100, [LN_K - 0.01] * 100, "alarm_uniform"),
        ([3.0] * 100, [0.02] * 100, "alarm_collapse"),
        ([9.0] * 100, [HEALTHY] * 100, None),
        (falling(11.09, 10.6), [HEALTHY] * 100, None),  # on its way down
        ([11.09] * 99, [HEALTHY] * 99, None),  # too soon to say
        ([8.0] * 60 + [11.09] * 40, [HEALTHY] * 100, None),  # its first half was well
        ([9.0] * 100, falling(0.02, 3.0), None),  # it recovers
        ([11.09] * 100 + [9.0] * 100, [HEALTHY] * 200, None),  # what is long past does not count
    ],
)
def test_which_histories_stop_a_run(losses: list[float], entropies: list[float], code: str | None) -> None:
    assert alarm(losses, entropies) == code


def test_the_window_is_the_runs_own_share_and_never_a_few_steps() -> None:
    assert window_of(C, 97_650) == 9_765
    assert window_of(C, 200) == 300


def test_an_alarm_says_what_where_and_what_to_do() -> None:
    error = dino_alarm([11.0902] * 250, [HEALTHY] * 250, LN_K, 100, C)
    assert error is not None
    assert error.details["found"] == "11.0902 on average"
    assert error.details["where"] == "steps 151 to 250"
    assert error.details["expected"] == "a loss below ln K = 11.0904"
    assert "checkpoint is kept" in str(error.details["remedy"])


def test_starving_needs_the_whole_window() -> None:
    assert starved_alarm(590.0, 599.0, C) is None
    assert starved_alarm(500.0, 600.0, C) is None
    found = starved_alarm(570.0, 600.0, C)
    assert found is not None
    assert (found.code, found.details["found"]) == ("data_starved", "95% of the last 10 min")


def alarms_of(tmp_path: Path, manifest: Path, **overrides: Any) -> Alarms:
    folder = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **overrides)
    return Alarms(RunDirectory(folder, "train_dino"), 1000, LN_K)


def test_starving_is_measured_over_the_last_window(tmp_path: Path, manifest: Path) -> None:
    alarms = alarms_of(tmp_path, manifest, stop_on_alarm=True, alarm_starved_window_s=100.0)

    def after(waited_s: float, elapsed_s: float = 10.0) -> str | None:
        alarms.run.data_clock.last = (waited_s, elapsed_s)
        found, again = alarms.of_data(), alarms.of_data()
        assert again is None  # nothing new was reported
        return found.code if found else None

    assert all(after(0.0) is None for _ in range(50))
    assert [after(10.0) for _ in range(10)] == [None] * 9 + ["data_starved"]


@pytest.mark.parametrize("asked", [False, True])
def test_an_alarm_that_stops_nothing_is_told_once(tmp_path: Path, manifest: Path, asked: bool) -> None:
    if asked:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / IGNORED).touch()
    alarms = alarms_of(tmp_path, manifest, stop_on_alarm=asked, alarm_window_steps=20, alarm_window_share=0.0)
    losses, entropies = [11.09] * 60, [HEALTHY] * 60
    assert all(alarms.of_dino(losses[:done], entropies[:done]) is None for done in range(1, 61))
    (line,) = events(tmp_path / "run", "log")
    assert line["message"].startswith("Alarm: Nothing is learned: the loss stays at ln K")
    assert ("a person asked" if asked else "this preset only tells") in line["message"]


def test_infinite_gradients_are_refused_before_they_reach_the_weights() -> None:
    require_finite(1.0, "dino", 3, "gradient norm")
    for value in (math.nan, math.inf):
        with pytest.raises(TrainerError, match="the gradient norm of dino") as caught:
            require_finite(value, "dino", 3, "gradient norm")
        assert caught.value.code == "non_finite_loss"


def test_a_run_stops_with_its_checkpoint_and_goes_on_when_asked_to(tmp_path: Path, manifest: Path) -> None:
    """lr 0: the loss cannot leave ln K."""
    still = {"lr": 0.0, "lr_end": 0.0, "stop_on_alarm": True, "alarm_window_steps": 4, "alarm_window_share": 0.0}
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **DINO | still, alarm_uniform_share=0.1)
    assert main(["train_dino", "--run", str(run)]) == 1
    error = events(run, "error")[-1]
    assert error["code"] == "alarm_uniform"
    assert error["where"] == "steps 1 to 4"
    assert (run / "checkpoint.pt").exists()
    assert not (run / "result.json").exists()
    assert main(["train_dino", "--run", str(run)]) == 1  # nothing has changed
    assert events(run, "error")[-1]["where"] == "steps 2 to 5"
    (run / IGNORED).touch()
    finish(run)
    steps = [event["step"] for event in events(run, "metric") if "loss" in event["values"]]
    assert steps == list(range(9))
    assert result(run)["metrics"]["steps"] == 9


def test_a_starved_run_says_so(tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Crops that are slow to read, and nothing kept in memory."""
    read = ImageStore.read

    def slowly(store: ImageStore, indices: torch.Tensor) -> torch.Tensor:
        time.sleep(0.5)
        return read(store, indices)

    monkeypatch.setattr(ImageStore, "read", slowly)
    impatient = {"stop_on_alarm": True, "alarm_starved_window_s": 1.0, "alarm_starved_share": 0.1}
    unkept = {"crop_memory_gb": 0.0, "watch_every_epochs": -1, "epochs": 20}
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **DINO | impatient | unkept)
    assert main(["train_dino", "--run", str(run)]) == 1
    assert events(run, "error")[-1]["code"] == "data_starved"
    waits = [event["values"]["data_wait"] for event in events(run, "metric")]
    assert max(waits) > 0.1
    assert (run / "checkpoint.pt").exists()


def test_smoke_and_tiny_are_not_stopped_wrongly() -> None:
    """Some hundred steps end near ln K, as they began."""
    for preset in ("smoke", "tiny"):
        assert not settings("train_dino", preset, {})["stop_on_alarm"]
    for preset in ("panda", "bright"):
        assert settings("train_dino", preset, {})["stop_on_alarm"]
