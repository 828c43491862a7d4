"""ONNX files with golden pairs of a finished stage's networks (services/README.md, "ONNX models").

Runs at the end of each stage, in the same process. Uses torch's tracing exporter: it needs no further package, and
every shape but the batch's is fixed.
"""

import hashlib
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnx
import onnxruntime
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from stroma_trainer.abmil import Abmil
from stroma_trainer.eldm import Eldm, load_eldm
from stroma_trainer.encoder import Encoder, load_encoder
from stroma_trainer.int8 import LEAST_COSINE, export_int8
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.seeds import generator
from stroma_trainer.weights import load_weights

OPSET = 18  # read by onnxruntime since 1.14
GOLDEN_BATCH = 2
GOLDEN_INSTANCES = 7
ENCODER_OUTPUTS = ["embedding", "attention"]
ABMIL_OUTPUTS = ["logits", "attention_logits", "class_logits"]
Exported = tuple[dict[str, float], list[dict[str, Any]]]  # parity by model, checkpoints of result.json


class Finished(Protocol):
    """A run whose weights lie in `model`."""

    path: Path
    model: Path

    def check_stop(self) -> None: ...


class Decoder(nn.Module):
    def __init__(self, eldm: Eldm) -> None:
        super().__init__()
        self.eldm = eldm

    def forward(self, latent: Tensor) -> Tensor:
        return self.eldm.decode(latent)


class Attending(nn.Module):
    """An encoder as it is served: where [CLS] looks is computed on the way to the embedding, so that telling it costs
    nothing."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.encoder = encoder

    def forward(self, crop: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder.with_attention(crop)


def export_encoder(run: Finished) -> Exported:
    encoder = load_encoder(run.path)
    crop_px = encoder.card["crop_px"]
    crop = torch.randint(256, (GOLDEN_BATCH, crop_px, crop_px, 3), generator=generator(0, "golden"), dtype=torch.uint8)
    parity = export(run.model / "encoder.onnx", Attending(encoder), {"crop": crop}, ENCODER_OUTPUTS)
    return {"encoder": parity}, [checkpoint(run, run.model, "encoder", None, encoder.card)]


def export_trained_encoder(run: RunDirectory) -> Exported:
    """`export_encoder`, and the encoder of 8-bit products where the settings ask for it."""
    if not run.c.encoder_int8:
        return export_encoder(run)
    encoder = load_encoder(run.path)
    parity, _ = export_encoder(run)
    run.check_stop()
    int8 = export_int8(run.model / "encoder.onnx", run.manifest(encoder.card["crop_px"]))
    if int8["sha256"] is None:
        run.log(
            f"8-bit products change the embeddings too much (cosine {int8['least_cosine']:.4f}, least {LEAST_COSINE}): "
            "crops are embedded by 32-bit ones"
        )
    return parity, [checkpoint(run, run.model, "encoder", None, encoder.card | {"int8": int8})]


def export_eldm(run: Finished) -> Exported:
    eldm = load_eldm(run.path)
    draws = generator(0, "golden")
    latent = torch.randn(GOLDEN_BATCH, *eldm.card["latent_shape"], generator=draws)
    embedding = torch.randn(GOLDEN_BATCH, eldm.card["embedding_dim"], generator=draws)
    embedding[-1] = 0  # the last one is unconditional
    timestep = torch.tensor([981, 1][:GOLDEN_BATCH]).clamp(max=eldm.card["train_timesteps"] - 1)
    inputs = {"latent": latent, "timestep": timestep, "embedding": embedding}
    parity = {"unet": export(run.model / "unet.onnx", eldm.unet, inputs, ["eps"])}
    run.check_stop()
    parity["decoder"] = export(run.model / "decoder.onnx", Decoder(eldm), {"latent": latent}, ["image"])
    return parity, [checkpoint(run, run.model, "eldm", None, eldm.card)]


class HalfBag(nn.Module):
    """A slide model as it is served: embeddings [N, D] come in half precision, as their files hold them."""

    def __init__(self, model: Abmil) -> None:
        super().__init__()
        self.model = model

    def forward(self, embeddings: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.model.by_instance(embeddings.float())


def export_abmil(run: Finished) -> Exported:
    parity, checkpoints = {}, []
    loaded = [(file, *load_weights(file)) for file in run.model.glob("fold-*/abmil.safetensors")]
    for file, tensors, arguments, card in sorted(loaded, key=lambda one: (one[3]["fold"], one[3].get("seed_ix", 0))):
        model = Abmil(**arguments).eval().requires_grad_(False)
        model.load_state_dict(tensors)
        bag = torch.randn(GOLDEN_INSTANCES, card["embedding_dim"], generator=generator(0, "golden")).half()
        name = f"abmil-{file.parent.name}"
        parity[name] = export(
            file.with_name("abmil.onnx"),
            HalfBag(model),
            {"embeddings": bag},
            ABMIL_OUTPUTS,
            batched=set(ABMIL_OUTPUTS[1:]),
        )
        entry = checkpoint(run, file.parent, "abmil", card["fold"], card)
        checkpoints.append(entry | {"seed_ix": card.get("seed_ix", 0)})
        run.check_stop()
    return parity, checkpoints


EXPORTS: dict[str, Callable[[RunDirectory], Exported]] = {
    "train_dino": export_trained_encoder,
    "train_gen_dino": export_trained_encoder,
    "train_eldm": export_eldm,
    "synthesize": lambda run: ({}, []),  # makes crops, no network
    "embed": lambda run: ({}, []),
    "train_abmil": export_abmil,
    "evaluate": lambda run: ({}, []),
}


def export(
    path: Path, model: nn.Module, inputs: dict[str, Tensor], outputs: list[str], batched: set[str] | None = None
) -> float:
    """Writes the ONNX file and its golden pair; returns the largest difference between torch and onnxruntime.

    batched: outputs whose first dimension is the batch; None = all.
    """
    model.eval()
    dynamic = [*inputs, *(outputs if batched is None else batched)]
    temporary = path.with_suffix(".onnx.tmp")
    with torch.no_grad(), warnings.catch_warnings():
        # the tracer warns of every shape check in the networks; shapes other than the batch's are fixed on purpose
        warnings.simplefilter("ignore")
        # before the tracer: networks keep what depends on shapes alone, such as the resized position embedding
        result = model(*inputs.values())
        torch.onnx.export(
            model,
            tuple(inputs.values()),
            str(temporary),
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes={name: {0: "batch"} for name in dynamic},
            opset_version=OPSET,
            dynamo=False,
        )
    temporary.replace(path)
    onnx.checker.check_model(str(path))
    expected = dict(zip(outputs, result if isinstance(result, tuple) else (result,), strict=True))
    golden = {f"input.{name}": tensor.contiguous() for name, tensor in inputs.items()}
    golden |= {f"output.{name}": tensor.contiguous() for name, tensor in expected.items()}
    save_file(golden, path.with_suffix(".golden.safetensors"))

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    found = session.run(outputs, {name: tensor.numpy() for name, tensor in inputs.items()})
    return max(float(np.abs(f - e.numpy()).max()) for f, e in zip(found, expected.values(), strict=True))


def checkpoint(run: Finished, folder: Path, kind: str, fold: int | None, card: dict[str, Any]) -> dict[str, Any]:
    """An entry of result.json's `checkpoints`; also writes the card as card.json."""
    (folder / "card.json").write_text(json.dumps(card, indent=2))
    files = [
        {
            "path": str(file.relative_to(run.path)),
            "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
            "bytes": file.stat().st_size,
        }
        for file in sorted(folder.iterdir())
        if file.suffix in (".onnx", ".safetensors", ".json")
    ]
    return {"kind": kind, "fold": fold, "files": files, "card": card}
