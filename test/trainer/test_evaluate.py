"""The stage evaluate on finished runs: what it leaves, what it says, what it refuses."""

import base64
import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cohort import events, make_manifest, make_run, result, texture
from conftest import DINO, finish
from stroma_trainer.__main__ import main
from stroma_trainer.evaluation.report_page import report_page
from stroma_trainer.evaluation.svg import histogram, line_plot

FAST: dict[str, Any] = {"threads": 1, "bootstrap_resamples": 20, "walk_pairs": 2}


@pytest.fixture(scope="module")
def evaluated(runs: Path, manifest: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    inputs = {
        "manifest": manifest,
        "encoder": runs / "dino",
        "gen_encoder": runs / "gen",
        "synthetic": runs / "synthetic",
        "eldm": runs / "eldm",
    }
    run = make_run(tmp_path_factory.mktemp("evaluate") / "run", "evaluate", inputs, **FAST)
    finish(run)
    return run


def test_both_encoders_are_judged_by_every_measure(evaluated: Path) -> None:
    found = result(evaluated)["metrics"]
    assert (found["crops"], found["crops_in_all"], found["slides"]) == (24, 24, 3)
    assert len(set(found["encoder_sha256"].values())) == 2
    for name in ("encoder", "gen_encoder"):
        one = found[name]
        for score in one["labels"]["knn"].values():
            assert (score["n"], score["n_groups"]) == (24, 3)
            assert 0 <= score["ci"]["accuracy"][0] <= score["accuracy"] <= score["ci"]["accuracy"][1] <= 1
        assert set(one["labels"]["knn"]) == {"10", "20"}
        assert "of one class" in one["labels"]["probe_left_out"]  # two of the three patients share a class
        assert one["frechet"]["half_n"] == 8
        assert one["frechet"]["floor"] > 0
        assert "full rank" in one["frechet"]["warning"]
        assert sum(one["alpha_curve"]["n"]) == 24
        assert len(one["walks"]["to_primary"]) == 6
        assert sum(one["memorisation"]["histogram"]["generated_to_own"]) == 24
    # the generator's target is the first encoder's embedding of the real crop, whatever the second makes of it
    assert found["encoder"]["generated_to_own"]["mean"] != found["gen_encoder"]["generated_to_own"]["mean"]


def test_pictures_are_events_and_the_page_holds_the_same(evaluated: Path) -> None:
    told = {(event["phase"], event["name"]): event for event in events(evaluated, "picture")}
    assert set(told) == {
        ("evaluate", "samples"),
        ("evaluate", "closest"),
        ("evaluate", "walks"),
        ("encoder", "attention"),
        ("gen_encoder", "attention"),
    }
    for (_, name), event in told.items():
        assert event["synthetic"] == (name != "attention")
        assert ("ynthetic" in event["caption"]) == event["synthetic"]
    page = (evaluated / "report.html").read_text()
    inside = re.findall(r'src="data:image/png;base64,([^"]+)"', page)
    on_disk = {(evaluated / event["path"]).read_bytes() for event in told.values()}
    assert {base64.b64decode(text) for text in inside} == on_disk


def test_the_page_is_whole_and_reaches_for_nothing(evaluated: Path) -> None:
    page = (evaluated / "report.html").read_text()
    for word in ("Fréchet distance", "Along alpha", "k-NN, k 10", "Linear probe", "Synthetic", "full rank", "24 crops"):
        assert word in page
    opened: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "iframe", "object", "a")
            for name, value in attributes:
                assert not name.startswith("on")
                assert name not in ("href", "src") or str(value).startswith("data:image/png;base64,")
            if tag not in ("meta", "img"):
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Checker().feed(page)
    assert opened == []


def test_names_from_outside_are_escaped() -> None:
    score = {
        "n": 4,
        "n_groups": 2,
        "accuracy": 0.5,
        "balanced_accuracy": 0.5,
        "macro_f1": 0.5,
        "macro_auc": None,
        "ci": {},
    }
    labels = {"knn": {"10": score}, "probe": None, "probe_left_out": "<b>"}
    metrics = {
        "crops": 4,
        "crops_in_all": 4,
        "slides": 2,
        "classes": ["<script>x</script>"],
        "encoder": {"labels": labels},
    }
    page = report_page("<i>run</i>", metrics, {})
    assert "<script>" not in page
    assert "<i>" not in page
    assert "&lt;script&gt;x" in page
    assert "undefined" in page


def test_the_same_seed_gives_the_same_page(evaluated: Path, tmp_path: Path) -> None:
    again = tmp_path / "run"
    again.mkdir()
    shutil.copy(evaluated / "config.json", again)
    finish(again)
    assert (again / "report.html").read_bytes() == (evaluated / "report.html").read_bytes()
    assert result(again)["metrics"] == result(evaluated)["metrics"]


def test_an_encoder_alone_is_judged_without_synthetic_crops_or_labels(
    runs: Path, manifest: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cohort"
    shutil.copytree(manifest.parent, folder)
    header = json.loads(manifest.read_text())
    header.pop("labels", None)
    (folder / "manifest.json").write_text(json.dumps(header))
    inputs = {"manifest": folder / "manifest.json", "encoder": runs / "dino"}
    run = make_run(tmp_path / "run", "evaluate", inputs, max_crops=10, **FAST)
    finish(run)
    found = result(run)["metrics"]
    assert (found["crops"], found["crops_in_all"], found["encoder"]) == (10, 24, {})
    assert "labels of 0 classes" in events(run, "log")[0]["message"]
    assert {event["name"] for event in events(run, "picture")} == {"attention"}
    assert "Left out" in (run / "report.html").read_text()


def refused(run: Path) -> str:
    assert main(["evaluate", "--run", str(run)]) == 1
    return str(events(run, "error")[-1]["code"])


def test_refuses_encoders_that_do_not_fit(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "gen", "synthetic": runs / "synthetic"}
    assert refused(make_run(tmp_path / "other", "evaluate", inputs, **FAST)) == "encoder_mismatch"
    inputs = {"manifest": manifest, "encoder": runs / "dino", "gen_encoder": runs / "dino"}
    assert refused(make_run(tmp_path / "same", "evaluate", inputs, **FAST)) == "encoder_mismatch"
    small = make_manifest(tmp_path / "small", crop_px=64)
    inputs = {"manifest": small, "encoder": runs / "dino"}
    assert refused(make_run(tmp_path / "small-run", "evaluate", inputs, **FAST)) == "encoder_mismatch"


def test_refuses_inputs_that_it_does_not_know(runs: Path, manifest: Path, tmp_path: Path) -> None:
    inputs = {"manifest": manifest, "encoder": runs / "dino", "bags": manifest}
    assert refused(make_run(tmp_path / "more", "evaluate", inputs, **FAST)) == "inputs_mismatch"
    assert refused(make_run(tmp_path / "less", "evaluate", {"manifest": manifest}, **FAST)) == "inputs_mismatch"


def test_refuses_an_eldm_of_another_encoder(runs: Path, manifest: Path, tmp_path: Path) -> None:
    other = make_run(tmp_path / "dino", "train_dino", {"manifest": manifest}, seed=9, **DINO | {"epochs": 1})
    finish(other)
    inputs = {"manifest": manifest, "encoder": other, "eldm": runs / "eldm", "synthetic": runs / "synthetic"}
    assert refused(make_run(tmp_path / "run", "evaluate", inputs, **FAST)) == "encoder_mismatch"


def test_plots_place_their_points() -> None:
    plot = line_plot({"a": ([0.0, 1.0], [0.0, 1.0]), "b<": ([0.0, 1.0], [1.0, 0.0])}, "x", "y")
    first, second = re.findall(r'<polyline points="([\d., ]+)"', plot)
    (x0, y0), (x1, y1) = ([float(number) for number in point.split(",")] for point in first.split())
    assert x0 == 52.0
    assert x1 == 448.0
    assert y0 > y1
    assert [point.split(",")[1] for point in second.split()] == [f"{y1:.1f}", f"{y0:.1f}"]
    assert "b&lt;" in plot
    steps = histogram([0.0, 1.0, 2.0], {"a": [3, 1]}, "x")
    heights = [float(point.split(",")[1]) for point in re.findall(r'points="([^"]+)"', steps)[0].split()]
    assert heights[0] == heights[-1] == 200.0  # the axis
    assert (200 - heights[1]) / (200 - heights[3]) == pytest.approx(3, rel=0.01)


# Two folders, without a run directory


def textures(
    folder: Path, seed: int, count: int = 12, classes: tuple[str, ...] = ("few", "many"), slide: str = "s"
) -> Path:
    rng = np.random.default_rng(seed)
    for ix, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            texture(rng, 128, 2 + 30 * ix).save(folder / name / f"{slide}{ix}{number // 4}_{number}_0.png")
    return folder


def evaluated_folders(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert main(["evaluate", *map(str, arguments), "--set", "threads=1", "--set", "bootstrap_resamples=20"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_two_folders_give_their_scores_as_json(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, test = textures(tmp_path / "train", 1, slide="a"), textures(tmp_path / "test", 2, count=8, slide="b")
    found = evaluated_folders(capsys, "--train", train, "--test", test, "--encoder", runs / "dino")
    assert found["classes"] == ["few", "many"]
    assert (found["train"]["images"], found["test"]["images"]) == (24, 16)
    for score in (found["knn"]["10"], found["knn"]["20"], found["probe"]):
        assert (score["n"], score["n_groups"]) == (16, 4)
        assert score["accuracy"] > 0.6  # many nuclei are darker than few, whatever the encoder has learnt
    again = evaluated_folders(capsys, "--train", train, "--test", test, "--encoder", runs / "dino")
    assert again == found


def test_refuses_folders(runs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train = textures(tmp_path / "train", 1, count=2, slide="a")
    one = textures(tmp_path / "one", 3, count=2, classes=("few",))
    other = textures(tmp_path / "other", 4, count=2, classes=("few", "never seen"), slide="c")
    twice = textures(tmp_path / "twice", 5, count=2, slide="a")
    encoder = ["--encoder", runs / "dino"]
    for arguments, code in (
        (["--train", one, "--test", one, *encoder], "one_class"),
        (["--train", train, "--test", other, *encoder], "class_unknown"),
        (["--train", train, "--test", twice, *encoder], "same_images"),
        (["--train", train, "--test", train, *encoder], "same_images"),
        (["--train", train, "--test", tmp_path / "none", *encoder], "folder_missing"),
        (["--train", train, *encoder], "option_missing"),
        (["--train", train, "--test", one, *encoder, "--out", tmp_path / "out"], "option_unknown"),
    ):
        assert main(["evaluate", *map(str, arguments)]) == 1
        assert code in capsys.readouterr().err
    assert main(["embed", "--train", str(train), "--test", str(one)]) == 1
    assert not (tmp_path / "out").exists()
