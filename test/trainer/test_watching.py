"""Watching: when a run is looked at, what is told, and that it changes nothing that is trained."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import nn

from cohort import events, make_run
from conftest import DINO, VQ, finish
from stroma_trainer.crops import read_manifest
from stroma_trainer.pictures import GAP_PX, TILE_PX
from stroma_trainer.pixels import normalise
from stroma_trainer.watching import Pace, WeakLabels, denormalised, looking, looks, named_views


@pytest.mark.parametrize(
    ("total", "per_epoch", "every", "expected"),
    [
        (12, 6, 0, [6, 12]),
        (40, 5, 0, [5, 10, 15, 20, 25, 30, 35, 40]),
        (300, 10, 0, [30, 60, 90, 120, 150, 180, 210, 240, 270, 300]),  # 30 epochs: each third
        (120, 10, 0, [20, 40, 60, 80, 100, 120]),  # 12 epochs: each second
        (192, 3000, 0, [96, 192]),  # less than an epoch
        (12, 5, 1, [5, 10, 12]),
        (12, 5, 2, [10, 12]),
        (12, 6, -1, []),
    ],
)
def test_when_a_run_is_looked_at(total: int, per_epoch: int, every: int, expected: list[int]) -> None:
    assert sorted(looks(total, per_epoch, every)) == expected


def test_labels_are_of_other_slides(manifest: Path) -> None:
    labels = WeakLabels(read_manifest(manifest), 1000)
    assert (labels.usable, len(labels.indices), labels.majority) == (True, 24, pytest.approx(2 / 3))
    # crops of one label look alike: all of "many" find the other slide of it, "few" has none
    by_label = nn.functional.one_hot(labels.classes).float()
    assert labels.accuracy(by_label) == pytest.approx(2 / 3)
    # crops of one slide look alike: their own slide does not vote
    by_slide = nn.functional.one_hot(labels.groups).float()
    assert labels.accuracy(by_slide) != pytest.approx(1.0)
    assert labels.accuracy(by_label * torch.nan) is None


def test_a_sample_of_the_labelled_crops_is_enough(manifest: Path) -> None:
    read = read_manifest(manifest)
    labels = WeakLabels(read, 6)
    assert [read.crops[ix].slide_id for ix in labels.indices] == ["slide-0"] * 2 + ["slide-1"] * 2 + ["slide-2"] * 2


def test_without_two_labels_there_is_no_accuracy(manifest: Path) -> None:
    read = read_manifest(manifest)
    for labels in ({}, {"slide-0": "few"}, {"slide-0": "few", "slide-1": "few"}):
        read.labels.clear()
        read.labels.update(labels)
        assert not WeakLabels(read, 100).usable


def test_names_of_views_say_which_are_synthetic() -> None:
    def of(generated: bool, globals_: int = 2, **more: Any) -> list[str]:
        c = SimpleNamespace(**{"local_count": 3, "local_source": "both", "second_view": "generated"} | more)
        return [name + "*" * synthetic for name, synthetic in named_views(c, generated, globals_)]

    assert of(False) == ["global 1", "global 2", "local 1", "local 2", "local 3"]
    assert of(True, 3) == ["global 1", "global 2*", "interpolated*", "local 1", "local 2", "local 3*"]
    assert of(True, local_source="real") == ["global 1", "global 2*", "local 1", "local 2", "local 3"]


def test_looking_restores_each_networks_mode() -> None:
    network = nn.Sequential(nn.Dropout(0.5), nn.Dropout(0.5))
    network[1].eval()

    def look() -> None:
        with looking(network):
            assert not any(module.training for module in network.modules())
            assert not torch.is_grad_enabled()
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        look()
    assert [module.training for module in network.modules()] == [True, True, False]
    assert torch.is_grad_enabled()


def test_views_are_shown_as_the_networks_see_them() -> None:
    images = torch.rand(2, 3, 4, 4)
    torch.testing.assert_close(denormalised(normalise(images)), images)


def test_pace_is_of_the_steps_since_the_last_report() -> None:
    pace = Pace(8)
    assert pace.since_last(5) == {}
    assert pace.since_last(7)["images_per_s"] > 0


def test_dino_tells_accuracy_attention_and_views(runs: Path) -> None:
    accuracies = [event for event in events(runs / "dino", "metric") if "knn_accuracy" in event["values"]]
    assert [event["step"] for event in accuracies] == [0, 3, 6, 9]
    assert all(0 <= event["values"]["knn_accuracy"] <= 1 for event in accuracies)
    shown = [(event["name"], event["step"], event["epoch"]) for event in events(runs / "dino", "picture")]
    assert shown == [
        ("attention", 0, 0), ("views", 0, 0), ("attention", 3, 1), ("attention", 6, 2), ("attention", 9, 3),
    ]  # fmt: skip
    assert not any(event["synthetic"] for event in events(runs / "dino", "picture"))
    assert any("k-NN accuracy" in event["message"] for event in events(runs / "dino", "log"))


def test_gen_dino_marks_the_views_of_synthetic_crops(runs: Path) -> None:
    (views,) = [event for event in events(runs / "gen", "picture") if event["name"] == "views"]
    assert views["synthetic"]


def test_views_without_local_ones_and_without_labels_are_shown(manifest: Path, tmp_path: Path) -> None:
    bare = json.loads(manifest.read_text())
    del bare["labels"]
    unlabelled = manifest.with_name("unlabelled.json")
    unlabelled.write_text(json.dumps(bare))
    overrides = DINO | {"local_count": 0, "epochs": 1}
    run = make_run(tmp_path / "run", "train_dino", {"manifest": unlabelled}, **overrides)
    finish(run)
    assert [event["name"] for event in events(run, "picture")] == ["attention", "views", "attention", "attention"]
    assert not any("knn_accuracy" in event["values"] for event in events(run, "metric"))
    assert events(run, "picture")[1]["width"] == 3 * TILE_PX + 2 * GAP_PX  # the crop and two views


def test_eldm_shows_what_it_draws_by_epoch(runs: Path) -> None:
    shown = events(runs / "eldm", "picture")
    assert [(event["phase"], event["name"], event["step"]) for event in shown] == [
        ("unet", "samples", step) for step in (3, 6, 9, 12)
    ]
    assert all(event["synthetic"] and "ynthetic" in event["caption"] for event in shown)
    assert len({event["sha256"] for event in shown}) == 4


@pytest.mark.parametrize(("name", "settings"), [("dino", DINO), ("eldm", VQ)])
def test_watching_changes_nothing_that_is_trained(
    runs: Path, manifest: Path, tmp_path: Path, name: str, settings: dict[str, Any]
) -> None:
    stage, inputs = f"train_{name}", {"manifest": manifest, "encoder": runs / "dino"}
    if name == "dino":
        del inputs["encoder"]
    unwatched = make_run(tmp_path / name, stage, inputs, **settings, watch_every_epochs=-1)
    finish(unwatched)
    assert events(unwatched, "picture") == []
    seen, unseen = (
        torch.load(run / "checkpoint.pt", weights_only=True)["state"]["stage"] for run in (runs / name, unwatched)
    )
    assert seen["history"] == unseen["history"]
    for network in ("teacher", "student") if name == "dino" else ("unet", "average", "codec"):
        assert all(torch.equal(value, unseen[network][key]) for key, value in seen[network].items())


def test_pictures_made_anew_are_the_same(runs: Path, manifest: Path, tmp_path: Path) -> None:
    again = tmp_path / "eldm"
    again.mkdir()
    shutil.copy(runs / "eldm" / "config.json", again)
    finish(again)
    assert [event["sha256"] for event in events(again, "picture")] == [
        event["sha256"] for event in events(runs / "eldm", "picture")
    ]
