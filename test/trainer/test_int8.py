"""Encoders of 8-bit products, beside those of 32-bit ones."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from cohort import events, make_run, result
from conftest import DINO, finish
from stroma_trainer.crops import read_manifest


def test_an_encoder_of_8_bit_products_embeds_alike(tmp_path: Path, manifest: Path) -> None:
    run = make_run(
        tmp_path / "dino", "train_dino", {"manifest": manifest}, **DINO | {"epochs": 1, "encoder_int8": True}
    )
    finish(run)
    (checkpoint,) = result(run)["checkpoints"]
    path = run / "model" / "encoder_int8.onnx"
    told = checkpoint["card"]["int8"]
    assert told["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert "model/encoder_int8.onnx" in {file["path"] for file in checkpoint["files"]}
    assert {node.op_type for node in onnx.load(path).graph.node} >= {"DynamicQuantizeLinear", "MatMulInteger"}
    crops = read_manifest(manifest)
    assert told["crops"] == min(64, len(crops.crops))
    pixels = crops.store(crops.crop_px, 0.0).read(torch.arange(len(crops.crops))).permute(0, 2, 3, 1).numpy()
    expected, found = (
        onnxruntime.InferenceSession(str(file)).run(["embedding"], {"crop": pixels})[0]
        for file in (run / "model" / "encoder.onnx", path)
    )
    cosines = np.sum(expected * found, 1) / np.linalg.norm(expected, axis=1) / np.linalg.norm(found, axis=1)
    assert 0.995 <= told["least_cosine"] < 1
    # The batch decides how finely its numbers are rounded, so that another one differs in the last digits.
    assert cosines.min() == pytest.approx(told["least_cosine"], abs=1e-3)


def test_8_bit_products_that_change_embeddings_are_not_kept(
    tmp_path: Path, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stroma_trainer.int8.LEAST_COSINE", 1.5)
    run = make_run(
        tmp_path / "dino", "train_dino", {"manifest": manifest}, **DINO | {"epochs": 1, "encoder_int8": True}
    )
    finish(run)
    (checkpoint,) = result(run)["checkpoints"]
    assert checkpoint["card"]["int8"]["sha256"] is None
    assert not (run / "model" / "encoder_int8.onnx").exists()
    assert "8-bit products change the embeddings too much" in events(run, "log")[-1]["message"]
