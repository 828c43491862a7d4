"""Several processes on one run: the same numbers as one process, and what happens when one is lost."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort import TRAINER, events, make_run, result
from conftest import DINO, VQ, finish
from stroma_trainer.errors import TrainerError
from stroma_trainer.part import part_of

EXACT = 1e-5


def torchrun(run: Path, processes: int = 2, **options: Any) -> subprocess.Popen[bytes]:
    stage = json.loads((run / "config.json").read_text())["stage"]
    command = [sys.executable, "-m", "stroma_trainer.on_torchrun", stage, "--run", str(run)]
    command += ["--processes", str(processes)]
    environment = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **options)


def together(run: Path, processes: int = 2) -> None:
    assert torchrun(run, processes).wait(timeout=300) == 0, events(run, "error")


def state(run: Path) -> dict[str, Any]:
    saved: dict[str, Any] = torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]
    return saved


def same_losses(run: Path, expected: Path) -> None:
    found = state(run)["history"]
    for name, values in state(expected)["history"].items():
        assert found[name] == pytest.approx(values, abs=EXACT)


def rank_process(parent: subprocess.Popen[bytes], rank: int) -> int:
    children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children").read_text().split()
    (found,) = (int(pid) for pid in children if f"RANK={rank}".encode() in environment_of(pid))
    return found


def environment_of(pid: str) -> list[bytes]:
    return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")


def wait_for_end(pid: int) -> None:
    limit = time.monotonic() + 60
    while Path(f"/proc/{pid}/stat").exists() and ") Z " not in Path(f"/proc/{pid}/stat").read_text():
        assert time.monotonic() < limit
        time.sleep(0.05)


def wait_for_step(run: Path, step: int, process: subprocess.Popen[bytes]) -> None:
    limit = time.monotonic() + 300
    while not any(event["step"] >= step for event in events(run, "metric") if "loss" in event["values"]):
        assert process.poll() is None, "the run ended too early"
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_parts_cover_a_batch_and_differ_by_one_row_at_most() -> None:
    parts = [part_of(8, rank, 3) for rank in range(3)]
    assert [(part.first, part.end) for part in parts] == [(0, 2), (2, 5), (5, 8)]
    two_views = torch.arange(16)
    assert [part.of(two_views).tolist() for part in parts][1] == [2, 3, 4, 10, 11, 12]
    assert parts[1].pick(range(16)) == [2, 3, 4, 10, 11, 12]
    assert parts[1].whole(6) == 16
    with pytest.raises(TrainerError, match="batch_too_small"):
        part_of(2, 0, 3)


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_draw_and_learn_what_one_does(runs: Path, manifest: Path, tmp_path: Path, processes: int) -> None:
    """Eight crops a batch: of three processes, one has two crops and two have three."""
    inputs = {"manifest": manifest, "synthetic": runs / "synthetic"}
    run = make_run(tmp_path / "run", "train_gen_dino", inputs, **DINO)
    together(run, processes)
    same_losses(run, runs / "gen")
    found, expected = state(run)["objective"]["center"], state(runs / "gen")["objective"]["center"]
    torch.testing.assert_close(found, expected, atol=EXACT, rtol=1e-4)
    steps = [event["step"] for event in events(run, "metric") if "loss" in event["values"]]
    assert steps == list(range(9))  # told by one of the processes
    assert result(run)["checkpoints"]


def test_processes_train_the_eldm_that_one_does(runs: Path, manifest: Path, tmp_path: Path) -> None:
    """The crops' embeddings and latents are divided, too; an adversary's BatchNorm alone sees a part of the batch."""
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    run = make_run(tmp_path / "run", "train_eldm", inputs, **VQ)
    together(run)
    same_losses(run, runs / "eldm")
    assert len(state(run)["history"]["autoencoder"]) == 6


def test_a_run_survives_stop_kill_and_silence_and_ends_in_one_process(manifest: Path, tmp_path: Path) -> None:
    settings = DINO | {"epochs": 12, "checkpoint_interval_s": 0.0, "rank_silence_s": 3.0}
    whole = make_run(tmp_path / "whole", "train_dino", {"manifest": manifest}, **settings)
    finish(whole)
    run = make_run(tmp_path / "run", "train_dino", {"manifest": manifest}, **settings)
    (run / "config.json").write_text((whole / "config.json").read_text())

    stopped = torchrun(run)
    wait_for_step(run, 3, stopped)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(timeout=60) == 75
    assert state(run)["step"] > 3

    for step, what in ((10, signal.SIGKILL), (20, signal.SIGSTOP)):
        lost = torchrun(run, stderr=subprocess.PIPE)
        wait_for_step(run, step, lost)
        other, missing = rank_process(lost, 0), rank_process(lost, 1)
        os.kill(missing, what)
        wait_for_end(other)
        with contextlib.suppress(ProcessLookupError):
            os.kill(missing, signal.SIGKILL)  # else torchrun waits half a minute for the stopped one
        assert lost.wait(timeout=60) == 75
        assert b"interrupted: " in lost.communicate()[1]
    assert events(run, "error") == []
    finish(run)
    same_losses(run, whole)


def test_processes_write_the_same_shards_as_one(runs: Path, manifest: Path, tmp_path: Path) -> None:
    """Two processes, one of which is killed; then three."""
    inputs = {"manifest": manifest, "encoder": runs / "dino", "eldm": runs / "eldm"}
    whole = make_run(tmp_path / "whole", "synthesize", inputs, threads=1, batch_size=2)
    finish(whole)
    run = make_run(tmp_path / "run", "synthesize", inputs, threads=1, batch_size=2)
    (run / "config.json").write_text((whole / "config.json").read_text())
    killed = torchrun(run)
    limit = time.monotonic() + 120
    while not (run / "synthetic/000001.jsonl").exists():  # by process 1
        assert killed.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.01)
    os.kill(rank_process(killed, 1), signal.SIGKILL)
    assert killed.wait(timeout=60) == 75
    assert not (run / "synthetic.json").exists()
    together(run, 3)
    for file in sorted(path.relative_to(whole) for path in whole.glob("synthetic*/*")):
        assert (run / file).read_bytes() == (whole / file).read_bytes()
    assert (run / "synthetic.json").read_bytes() == (whole / "synthetic.json").read_bytes()


def test_processes_write_the_same_embeddings_as_one(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino"}
    whole = make_run(tmp_path / "whole", "embed", inputs, threads=1)
    finish(whole)
    run = make_run(tmp_path / "run", "embed", inputs, threads=1)
    together(run)
    files = sorted(path.relative_to(whole) for path in (whole / "embeddings").iterdir())
    assert len(files) == 3
    for file in files:
        assert (run / file).read_bytes() == (whole / file).read_bytes()
    assert result(run)["metrics"] == result(whole)["metrics"]
