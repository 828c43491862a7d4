"""Several processes on one run: the same numbers as one process, and what happens when one is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort import TRAINER, events, make_run
from conftest import DINO


def torchrun(run: Path, processes: int = 2, **options: Any) -> subprocess.Popen[bytes]:
    stage = json.loads((run / "config.json").read_text())["stage"]
    command = [sys.executable, "-m", "stroma_trainer.on_torchrun", stage, "--run", str(run)]
    command += ["--processes", str(processes)]
    environment = os.environ | {"PYTHONPATH": str(TRAINER), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **options)


def together(run: Path, processes: int = 2) -> None:
    assert torchrun(run, processes).wait(timeout=120) == 0, events(run, "error")


def state(run: Path) -> dict[str, Any]:
    saved: dict[str, Any] = torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"]
    return saved


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_draw_and_learn_what_one_does(runs: Path, manifest: Path, tmp_path: Path, processes: int) -> None:
    """Eight crops a batch: of three processes, two have three crops and one has two."""
    inputs = {"manifest": manifest, "synthetic": runs / "synthetic"}
    run = make_run(tmp_path / "run", "train_gen_dino", inputs, **DINO)
    together(run, processes)
    found, expected = state(run), state(runs / "gen")
    for name, values in expected["history"].items():
        assert found["history"][name] == pytest.approx(values, abs=1e-5)
    torch.testing.assert_close(found["objective"]["center"], expected["objective"]["center"], atol=1e-5, rtol=1e-4)
