"""A SIGKILL at a random moment of each stage; kill_points.py has as many as one likes."""

import os
import shutil
from pathlib import Path

import pytest
from kill_points import OWN, kill_points, product


def test_a_stage_killed_at_any_moment_ends_in_the_same(runs: Path, tmp_path: Path) -> None:
    """One kill a stage. Other moments: STROMA_KILL_SEED."""
    references = {name: runs / name for name in ("dino", "eldm", "synthetic", "gen")}
    seed = int(os.environ.get("STROMA_KILL_SEED", "1"))
    kills = list(kill_points(references, tmp_path, count=len(references), seed=seed))
    assert [kill.differs for kill in kills] == [[]] * len(references)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("file", ["model/encoder.safetensors", "events.jsonl"])
def test_a_difference_is_seen(runs: Path, tmp_path: Path, file: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(runs / "dino", run)
    assert product(run) == product(runs / "dino")
    data = bytearray((run / file).read_bytes())
    place = data.index(b'"loss": ') + 10 if file == "events.jsonl" else len(data) - 1
    data[place] = data[place] + 1 if data[place] < ord("9") else data[place] - 1
    (run / file).write_bytes(bytes(data))
    assert product(run) != product(runs / "dino")
    assert "model" not in OWN
