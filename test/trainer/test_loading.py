"""Reading ahead: in order, bounded, with the same result, and waiting that is measured."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort import events, make_run
from conftest import DINO, ELDM, finish
from stroma_trainer.errors import TrainerError
from stroma_trainer.loading import DataClock, Feed


def test_steps_come_in_order_and_few_exist_at_once() -> None:
    begun: list[int] = []

    def read(step: int) -> int:
        begun.append(step)
        return 10 * step

    feed = Feed(read, range(3, 9), 2, DataClock())
    for step in range(3, 9):
        time.sleep(0.01)  # time to run too far ahead
        assert max(begun) <= step + 1
        assert feed.take(step) == 10 * step
    assert begun == list(range(3, 9))


def test_a_thread_reads_while_the_stage_works() -> None:
    readers: list[str] = []
    feed = Feed(lambda step: readers.append(threading.current_thread().name), range(2), 1, DataClock())
    feed.take(0)
    direct = Feed(lambda step: readers.append(threading.current_thread().name), range(2), 0, DataClock())
    direct.take(0)
    assert readers[0].startswith("feed")
    assert readers[-1] == threading.current_thread().name


def test_an_error_is_raised_where_its_step_is_taken() -> None:
    def read(step: int) -> int:
        if step == 1:
            raise TrainerError("crop_unreadable", "an image cannot be decoded")
        return step

    feed = Feed(read, range(3), 2, DataClock())
    assert feed.take(0) == 0
    with pytest.raises(TrainerError, match="crop_unreadable"):
        feed.take(1)


def test_another_order_than_the_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="step 1 was taken where step 0 comes next"):
        Feed(lambda step: step, range(3), 1, DataClock()).take(1)


def test_waiting_is_measured_as_a_share_of_the_time_since_it_was_last_asked() -> None:
    clock = DataClock()
    assert clock.share() == {}
    with clock.waiting():
        time.sleep(0.03)
    time.sleep(0.01)
    assert 0.3 < clock.share()["data_wait"] < 0.95
    time.sleep(0.01)
    assert clock.share()["data_wait"] == 0.0


def history(run: Path) -> Any:
    return torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]["history"]


@pytest.mark.parametrize("ahead", [0, 2])
def test_reading_ahead_changes_no_bit_of_dino(runs: Path, manifest: Path, tmp_path: Path, ahead: int) -> None:
    inputs = {"manifest": manifest, "synthetic": runs / "synthetic"}
    settings = DINO | {"crop_memory_gb": 0.0, "prefetch_batches": ahead}
    run = make_run(tmp_path / "run", "train_gen_dino", inputs, **settings)
    finish(run)
    assert history(run) == history(runs / "gen")
    values = [event["values"] for event in events(run, "metric")]
    waits = [step["data_wait"] for step in values if "loss" in step]
    assert len(waits) == 9
    assert all(0 <= wait <= 1 for wait in waits)
    assert waits[0] > 0  # the first batch is waited for


def test_reading_ahead_changes_no_bit_of_the_eldm(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    found = []
    for name, memory in (("kept", 8.0), ("read", 0.0)):
        run = make_run(tmp_path / name, "train_eldm", inputs, **ELDM | {"epochs": 2, "crop_memory_gb": memory})
        finish(run)
        found.append(history(run))
    # latents of the whole cohort and of one batch are encoded in passes of other sizes
    assert found[0]["eps_mse"] == pytest.approx(found[1]["eps_mse"], abs=1e-6)
