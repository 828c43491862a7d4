"""An encoder whose matrix products are of 8-bit integers (onnxruntime's dynamic quantization), for embedding without a
graphics processor.

Each column of a weight matrix is rounded once, by a scale of its own; what it is multiplied with is rounded anew for
every batch. The encoder is served like this only where its embeddings stay those of encoder.onnx.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from safetensors.numpy import load_file, save_file

from stroma_trainer.crops import ImageStore, Manifest

LEAST_COSINE = 0.995
CROPS = 64
BATCH = 16


def export_int8(encoder: Path, manifest: Manifest) -> dict[str, Any]:
    """Writes encoder_int8.onnx with its own golden pair beside encoder.onnx. Returns the least cosine of its embeddings
    to encoder.onnx's over some of the manifest's crops, their number and the file's SHA-256 (None: too far off, and not
    kept)."""
    path = encoder.with_name("encoder_int8.onnx")
    quantized(encoder, path)
    crops = some_crops(manifest)
    cosine = least_cosine(embeddings(encoder, crops), embeddings(path, crops))
    if not cosine >= LEAST_COSINE:
        path.unlink()
        return {"sha256": None, "least_cosine": cosine, "crops": len(crops)}
    golden = load_file(encoder.with_suffix(".golden.safetensors"))
    golden["output.embedding"] = embeddings(path, golden["input.crop"])
    save_file(
        {name: golden[name] for name in ("input.crop", "output.embedding")},
        path.with_suffix(".golden.safetensors"),
    )
    return {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "least_cosine": cosine,
        "crops": len(crops),
    }


def quantized(encoder: Path, path: Path) -> None:
    """Products with constant matrices alone: those of attention, whose both sides change, gain nothing."""
    quantize_dynamic(
        str(encoder),
        str(path),
        op_types_to_quantize=["MatMul", "Gemm"],
        per_channel=True,
        weight_type=QuantType.QInt8,
        extra_options={"MatMulConstBOnly": True},
    )


def some_crops(manifest: Manifest) -> np.ndarray:
    """uint8 [N, crop_px, crop_px, 3]: evenly through the manifest, so that every slide has its say."""
    chosen = np.linspace(0, len(manifest.crops) - 1, min(CROPS, len(manifest.crops))).round().astype(int)
    entries = [manifest.crops[ix].entry for ix in chosen]
    store = ImageStore(entries, manifest.crop_px, manifest.crop_px, 0.0, manifest.fit)
    return store.read(torch.arange(len(entries))).permute(0, 2, 3, 1).contiguous().numpy()


def embeddings(model: Path, crops: np.ndarray) -> np.ndarray:
    """float32 [N, D]"""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    parts = [session.run(["embedding"], {"crop": crops[at : at + BATCH]})[0] for at in range(0, len(crops), BATCH)]
    return np.concatenate(parts)


def least_cosine(expected: np.ndarray, found: np.ndarray) -> float:
    """Of rows [N, D]."""
    norms = np.linalg.norm(expected, axis=1) * np.linalg.norm(found, axis=1)
    return float(((expected * found).sum(1) / norms).min())
