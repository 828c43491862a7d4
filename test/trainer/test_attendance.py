"""Whether a trainer on a cluster still knows that somebody waits for it."""

import json
import threading
from pathlib import Path

import pytest

from stroma_trainer import attendance
from stroma_trainer.attendance import Attendance


class Launcher:
    def __init__(self, file: Path) -> None:
        self.file = file
        self.state = {"version": 1, "job": "mine", "fence": 1, "beat": 0, "stop": False}

    def beat(self, **change: object) -> None:
        self.state |= {"beat": int(str(self.state["beat"])) + 1} | change
        self.file.write_text(json.dumps(self.state))


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [0.0]
    monkeypatch.setattr(attendance.time, "monotonic", lambda: clock[0])
    return clock


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    return Launcher(tmp_path / "attendance.json")


def test_nobody_is_missed_where_nobody_ever_was(tmp_path: Path, now: list[float]) -> None:
    alone = Attendance(tmp_path / "attendance.json", None)
    now[0] = 1e6
    assert alone.over() is None


def test_a_beating_launcher_keeps_the_run(launcher: Launcher, now: list[float]) -> None:
    attended = Attendance(launcher.file, "mine")
    for _ in range(10):
        now[0] += attendance.UNATTENDED_S * 0.9
        launcher.beat()
        assert attended.over() is None


def test_a_launcher_that_is_gone_ends_it_and_another_in_time_does_not(launcher: Launcher, now: list[float]) -> None:
    attended = Attendance(launcher.file, "mine")
    launcher.beat()
    assert attended.over() is None
    now[0] += attendance.UNATTENDED_S * 0.9
    launcher.beat(fence=2, beat=1)  # the next launcher counts anew
    assert attended.over() is None
    now[0] += attendance.UNATTENDED_S * 0.9
    assert attended.over() is None
    now[0] += attendance.UNATTENDED_S * 0.2
    assert attended.over() == "no launcher has attended the run for 120 s"


def test_it_is_told_to_stop_and_by_another_job(launcher: Launcher) -> None:
    launcher.beat(stop=True)
    assert Attendance(launcher.file, "mine").over() == "the trainer was asked to stop"
    launcher.beat(stop=False, job="next")
    assert Attendance(launcher.file, "mine").over() == "the run belongs to job next now"
    assert Attendance(launcher.file, None).over() is None


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"fence": "x"}', '{"fence": 1, "beat": null, "job": "", "stop": true}']
)
def test_garbage_stops_nothing_but_counts_as_silence(launcher: Launcher, now: list[float], text: str) -> None:
    attended = Attendance(launcher.file, "mine")
    launcher.file.write_text(text)
    assert attended.over() is None
    now[0] += attendance.UNATTENDED_S + 1
    assert "no launcher" in str(attended.over())


def test_watching_sets_the_event(launcher: Launcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attendance, "POLL_S", 0.01)
    stop = threading.Event()
    Attendance(launcher.file, "mine").watch(stop)
    assert not stop.wait(0.1)
    launcher.beat(stop=True)
    assert stop.wait(5.0)
