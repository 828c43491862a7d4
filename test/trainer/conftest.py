"""One smoke run of every stage, shared by the tests that look at its results."""

import json
import signal
from pathlib import Path

import pytest

import stroma_trainer.diffusers_networks  # noqa: F401  # before any test imports diffusers itself
from cohort import events, make_bags, make_manifest, make_run
from stroma_trainer.__main__ import main
from stroma_trainer.seeds import seed_everything

# Small enough for seconds, with every mechanism on; one thread makes repeated runs equal bit for bit.
DINO = {"threads": 1, "batch_size": 8, "epochs": 3, "metric_interval_s": 0.0}
ELDM = {"threads": 1, "batch_size": 8, "epochs": 4, "metric_interval_s": 0.0}
VQ = ELDM | {
    "codec": "vq",
    "codec_channels": [8, 16, 16],
    "codec_blocks": 1,
    "codec_groups": 8,
    "codebook_size": 32,
    "codec_batch_size": 8,
    "codec_epochs": 2,
    "codec_max_samples": 0,
    "codec_lr": 1e-3,
}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    seed_everything(0, "test")


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_manifest(tmp_path_factory.mktemp("cohort"))


@pytest.fixture(scope="session")
def bags(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_bags(tmp_path_factory.mktemp("bags"))


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory, manifest: Path, bags: Path) -> Path:
    """Folder of finished runs: dino, eldm, synthetic, gen, abmil."""
    root = tmp_path_factory.mktemp("runs")
    inputs = {"manifest": manifest, "encoder": root / "dino"}
    for run in (
        make_run(root / "dino", "train_dino", {"manifest": manifest}, **DINO),
        make_run(root / "eldm", "train_eldm", inputs, **VQ),
        make_run(root / "synthetic", "synthesize", inputs | {"eldm": root / "eldm"}, threads=1, batch_size=10),
        make_run(root / "gen", "train_gen_dino", {"manifest": manifest, "synthetic": root / "synthetic"}, **DINO),
        make_run(root / "abmil", "train_abmil", {"bags": bags}, threads=1),
    ):
        finish(run)
    return root


def finish(run: Path) -> None:
    """Runs the stage to its end in this process: a process of its own would spend most of its time on imports."""
    before = signal.getsignal(signal.SIGTERM)
    stage = json.loads((run / "config.json").read_text())["stage"]
    try:
        assert main([stage, "--run", str(run)]) == 0, events(run, "error")
    finally:
        signal.signal(signal.SIGTERM, before)
