"""Manifest, pairing, bags: what is read, and what is refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from cohort import make_bags, make_manifest
from stroma_trainer.bags import read_bags
from stroma_trainer.crops import batch_of, read_manifest
from stroma_trainer.errors import TrainerError
from stroma_trainer.synthetic import check_alphas, drawn_alphas, pairing, read_synthetic

Edit = Callable[[dict[str, Any]], None]


def edited(source: Path, folder: Path, edit: Edit) -> Path:
    shutil.copytree(source.parent, folder, dirs_exist_ok=True)
    path = folder / source.name
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value))
    return path


def test_crops_are_the_shards_pixels(manifest: Path) -> None:
    cohort = read_manifest(manifest)
    assert (len(cohort.crops), cohort.slides, cohort.crop_px) == (24, 3, 128)
    kept, on_demand = cohort.store(64, memory_gb=1.0), cohort.store(64, memory_gb=0.0)
    assert on_demand.cached is None
    indices = torch.tensor([3, 20])
    assert kept.read(indices).shape == (2, 3, 64, 64)
    assert torch.equal(kept.read(indices), on_demand.read(indices))
    full = cohort.store(128, memory_gb=1.0).read(indices).float()
    average = full.unflatten(3, (64, 2)).mean(4).unflatten(2, (64, 2)).mean(3).round()
    assert torch.equal(kept.read(indices).float(), average)


def test_labels_of_slides_are_optional(manifest: Path, tmp_path: Path) -> None:
    assert read_manifest(edited(manifest, tmp_path, lambda m: m.pop("labels"))).labels == {}
    assert read_manifest(manifest).labels == {"slide-0": "few", "slide-1": "many", "slide-2": "many"}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda m: m.update(labels=["few"]), "manifest_field"),
        (lambda m: m.update(version=2), "manifest_version"),
        (lambda m: m.pop("crop_px"), "manifest_field"),
        (lambda m: m.update(crop_count=25), "crop_count_mismatch"),
        (lambda m: m["shards"][1].update(path="gone.tar"), "shard_missing"),
        (lambda m: m.update(shards=m["shards"][:1]), "manifest_field"),
    ],
)
def test_refuses_a_manifest(manifest: Path, tmp_path: Path, edit: Edit, code: str) -> None:
    with pytest.raises(TrainerError) as caught:
        read_manifest(edited(manifest, tmp_path, edit))
    assert caught.value.code == code


def test_refuses_an_empty_manifest(tmp_path: Path) -> None:
    with pytest.raises(TrainerError, match="manifest_empty"):
        read_manifest(make_manifest(tmp_path, slides=0))


def test_refuses_a_truncated_shard(manifest: Path, tmp_path: Path) -> None:
    path = edited(manifest, tmp_path, lambda m: None)
    shard = tmp_path / "000002.tar"
    shard.write_bytes(shard.read_bytes()[:9000])
    with pytest.raises(TrainerError, match="shard_truncated"):
        read_manifest(path)


def test_refuses_bytes_that_are_no_image(manifest: Path, tmp_path: Path) -> None:
    path = edited(manifest, tmp_path, lambda m: None)
    shard = tmp_path / "000000.tar"
    shard.write_bytes(bytes(shard.stat().st_size))
    with pytest.raises(TrainerError, match="crop_unreadable"):
        read_manifest(path).store(64, 1.0)


def test_refuses_to_enlarge_crops(manifest: Path) -> None:
    with pytest.raises(TrainerError, match="crop_too_small"):
        read_manifest(manifest).store(256, 1.0)


def test_batches_cover_an_epoch_once_and_differ_between_epochs() -> None:
    epochs = [torch.cat([batch_of(4 * epoch + ix, 19, 4, seed=1) for ix in range(4)]) for epoch in range(2)]
    assert len(set(epochs[0].tolist())) == 16
    assert epochs[0].tolist() != epochs[1].tolist()


def test_a_window_keeps_reading_to_a_few_stretches_of_the_shards() -> None:
    """1000 crops shuffled among 160 at a time: 16 stretches of 10 neighbours."""
    epochs = [torch.cat([batch_of(20 * epoch + ix, 1000, 50, 1, window=160) for ix in range(20)]) for epoch in (0, 1)]
    for order in epochs:
        assert sorted(order.tolist()) == list(range(1000))
        for window in order.split(160)[:-1]:
            stretches = {row // 10 for row in window.tolist()}
            assert len(stretches) == 16
            assert window.tolist() != sorted(window.tolist())
    assert epochs[0].tolist() != epochs[1].tolist()
    whole = [batch_of(3, 1000, 50, 1, window=window).tolist() for window in (0, 1000, 5000)]
    assert whole[0] == whole[1] == whole[2]


def test_refuses_a_batch_larger_than_the_cohort() -> None:
    with pytest.raises(TrainerError, match="too_few_crops"):
        batch_of(0, 3, 4, seed=1)


def test_secondary_is_from_a_different_slide(manifest: Path) -> None:
    crops = read_manifest(manifest).crops
    pairs = pairing(crops, seed=1)
    for crop, secondary in zip(crops, pairs, strict=True):
        assert crops[secondary].slide_id != crop.slide_id
    assert len({crops[secondary].slide_id for secondary in pairs}) == 3
    assert pairs == pairing(crops, seed=1)
    assert pairs != pairing(crops, seed=2)


def test_alphas_of_a_crop_are_drawn_by_seed_and_differ() -> None:
    alphas = [0.2, 0.4, 0.6, 0.8]
    assert {drawn_alphas(f"1:{ix}", alphas, 1, seed=1)[0] for ix in range(24)} == set(alphas)
    for count in (2, 4):
        drawn = drawn_alphas("1:0", alphas, count, seed=1)
        assert len(set(drawn)) == count
        assert drawn[:1] == drawn_alphas("1:0", alphas, 1, seed=1)


@pytest.mark.parametrize("alphas", [[], [0.5, 0.5], [1.2], [float("nan")], ["0.5"], [True]])
def test_refuses_alphas(alphas: list[Any]) -> None:
    with pytest.raises(TrainerError, match="wrong_value"):
        check_alphas(alphas)
    with pytest.raises(TrainerError, match="wrong_value"):
        check_alphas([0.2, 0.4], at_least=3)


def test_refuses_to_pair_within_one_slide(manifest: Path) -> None:
    with pytest.raises(TrainerError, match="one_slide"):
        pairing(read_manifest(manifest).crops[:8], seed=1)


def test_synthetic_crops_name_their_sources(runs: Path, manifest: Path) -> None:
    crops = read_manifest(manifest).crops
    synthetic = read_synthetic(runs / "synthetic", crops, 64, 1.0)
    pairs = pairing(crops, seed=1)
    for ix, crop in enumerate(crops):
        (row,) = synthetic.rows["interpolated"][ix]
        assert int(synthetic.secondary[row]) == pairs[ix]
        assert [float(synthetic.alpha_primary[row])] == pytest.approx(
            drawn_alphas(crop.crop_id, [0.2, 0.4, 0.6, 0.8], 1, seed=1)
        )


def test_refuses_synthetic_crops_of_another_cohort(runs: Path, tmp_path: Path) -> None:
    other = read_manifest(make_manifest(tmp_path, slides=4)).crops
    with pytest.raises(TrainerError, match="synthetic_incomplete"):
        read_synthetic(runs / "synthetic", other, 64, 1.0)
    with pytest.raises(TrainerError, match="synthetic_missing"):
        read_synthetic(tmp_path, other, 64, 1.0)


def test_bags_leave_out_slides_without_a_label(bags: Path) -> None:
    read = read_bags(bags)
    assert (len(read.bags), read.embedding_dim, read.classes) == (11, 16, ["a", "b"])
    assert read.bags[0].embeddings.dtype == torch.float32


def _no_labels(value: dict[str, Any]) -> None:
    for slide in value["slides"]:
        slide["label"] = None


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda b: b.update(version=2), "bags_version"),
        (lambda b: b.pop("classes"), "bags_field"),
        (lambda b: b["slides"][0].update(label=2), "bags_field"),
        (lambda b: b["slides"][0].update(fold=3), "bags_field"),
        (lambda b: b["slides"][0].update(patient_id="p2"), "patient_in_two_folds"),
        (lambda b: b["slides"][0].update(path="gone.parquet"), "embeddings_missing"),
        (lambda b: b.update(encoder_sha256="f" * 64), "embeddings_mismatch"),
        (_no_labels, "bags_empty"),
    ],
)
def test_refuses_bags(bags: Path, tmp_path: Path, edit: Edit, code: str) -> None:
    with pytest.raises(TrainerError) as caught:
        read_bags(edited(bags, tmp_path, edit))
    assert caught.value.code == code


def test_refuses_embeddings_of_several_widths(bags: Path, tmp_path: Path) -> None:
    path = edited(bags, tmp_path, lambda b: None)
    wide = make_bags(tmp_path / "wide", slides=2, dim=8)
    shutil.copy(wide.parent / "0.parquet", tmp_path / "0.parquet")
    with pytest.raises(TrainerError, match="embeddings_mismatch"):
        read_bags(path)
