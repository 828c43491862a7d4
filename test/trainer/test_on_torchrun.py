"""The exit code of several ranks, and of a stage that ends before any rank needs another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stroma_trainer.on_torchrun import verdict


@pytest.mark.parametrize(
    ("exit_codes", "code", "why"),
    [
        ({0: 75, 1: 75}, 75, "a rank was asked to stop"),
        ({0: 75, 1: -9}, 75, "rank 1 was killed by SIGKILL"),
        ({0: 1, 1: -9}, 75, "rank 1 was killed by SIGKILL"),  # rank 0 lost its partner
        ({1: 1, 0: -15}, 1, "rank 1 ended with exit code 1"),  # torchrun ended rank 0
        ({0: 75, 1: 1}, 1, "rank 1 ended with exit code 1"),
        ({0: -15, 1: 75}, 75, "a rank was asked to stop"),
    ],
)
def test_the_verdict_tells_a_lost_rank_from_an_error(exit_codes: dict[int, int], code: int, why: str) -> None:
    found, line = verdict(exit_codes)
    assert found == code
    assert line.endswith(why)


def test_an_error_of_the_stage_stays_an_error(tmp_path: Path) -> None:
    missing = str(tmp_path / "no-run")
    command = [sys.executable, "-m", "stroma_trainer.on_torchrun", "train_dino", "--run", missing, "--processes", "2"]
    folder = Path(__file__).parents[2] / "services" / "trainer"
    ended = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "run_missing" in ended.stderr
    assert "failed: rank" in ended.stderr
