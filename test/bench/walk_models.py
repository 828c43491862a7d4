"""The models of a walk, untrained, as the trainer exports them, and what torch draws with them: walk_models.py SPEC OUT.

SPEC (JSON): folder, preset, crop_px, mpp, classes, samplings: [{sampler, steps, noise, embedding}]. OUT (JSON): the
checkpoints of runs `dino`, `eldm` and `abmil` below the folder, and the latents of each sampling.
"""

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from stroma_trainer import eldm, encoder, export_onnx, presets
from stroma_trainer.abmil import Abmil
from stroma_trainer.sampler import alpha_bars, draw_latents
from stroma_trainer.train_abmil import abmil_arguments
from stroma_trainer.weights import save_weights

spec: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())


def run(name: str) -> SimpleNamespace:
    path = Path(spec["folder"]) / name
    (path / "model").mkdir(parents=True)
    return SimpleNamespace(path=path, model=path / "model", check_stop=lambda: None)


def settings(stage: str) -> SimpleNamespace:
    return SimpleNamespace(**presets.settings(stage, spec["preset"], {}))


def drawn(module: torch.nn.Module) -> None:
    """Speed does not depend on weights; zeros, as some layers begin with, would hide differences."""
    for parameter in module.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.5 * parameter[0].numel() ** -0.5)


def main() -> None:
    torch.manual_seed(7)
    c = settings("train_dino")
    dino = run("dino")
    model = encoder.Encoder(encoder.architecture(c), encoder.card(spec["crop_px"], c.input_px, c.dim, spec["mpp"]))
    encoder.save_encoder(dino.model, model)
    _, checkpoints = export_onnx.export_encoder(dino)

    c = settings("train_eldm")
    generator = run("eldm")
    whole = eldm.Eldm(
        eldm.architecture(c, model.card["embedding_dim"]),
        eldm.card(c, model.card["embedding_dim"], 1.0, encoder.encoder_sha256(dino.path)),
    )
    drawn(whole.unet)
    whole.eval().requires_grad_(False)
    eldm.save_eldm(generator.model, whole)
    checkpoints += export_onnx.export_eldm(generator)[1]

    c = settings("train_abmil")
    abmil = run("abmil")
    classes = spec["classes"]
    for fold in range(spec["folds"]):
        folder = abmil.model / f"fold-{fold}"
        folder.mkdir()
        arguments = abmil_arguments(c, model.card["embedding_dim"], len(classes))
        card = {
            "kind": "abmil",
            "fold": fold,
            "seed_ix": 0,
            "classes": classes,
            "embedding_dim": model.card["embedding_dim"],
        }
        save_weights(folder / "abmil.safetensors", Abmil(**arguments).state_dict(), arguments, card)
    checkpoints += export_onnx.export_abmil(abmil)[1]

    card = whole.card
    bars = alpha_bars(card["train_timesteps"], card["beta_start"], card["beta_end"])
    latents = []
    for one in spec["samplings"]:
        size = card["latent_shape"][0] * card["latent_shape"][1] * card["latent_shape"][2]
        start = torch.tensor(one["noise"][:size], dtype=torch.float32).view(1, *card["latent_shape"])
        embedding = torch.tensor([one["embedding"][: model.card["embedding_dim"]]], dtype=torch.float32)
        found = draw_latents(one["sampler"], whole.unet, start, embedding, bars, one["steps"], card["guidance_scale"])
        latents.append(found.flatten().tolist())
    Path(sys.argv[2]).write_text(json.dumps({"checkpoints": checkpoints, "latents": latents}))


if __name__ == "__main__":
    main()
