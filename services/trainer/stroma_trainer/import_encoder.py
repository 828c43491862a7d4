"""A published ViT → the run directory of an encoder.

python -m stroma_trainer import --kind dino --from checkpoint.safetensors --mpp 0.5 --out RUN
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from stroma_trainer import encoder as encoders
from stroma_trainer.encoder import Encoder, save_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.export_onnx import export_encoder
from stroma_trainer.import_run import Imported, finish, opened, require_new, source_of
from stroma_trainer.pixels import MEAN, STD
from stroma_trainer.vit import VisionTransformer
from stroma_trainer.weights import fill, read_safetensors

HEAD_DIM = 64  # of every ViT of DINO, and of timm's up to large
CLASSIFIER = ("head.", "head_dist.")  # no part of the encoder


def import_encoder(kind: str, source: Path, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    """kind `dino`: an official checkpoint (its teacher) or bare backbone; `timm`: a ViT, file or folder.

    options: mpp (µm/px of the crops it will see), crop_px, input_px, heads, mean, std; None = as the file says, else
    256-px crops at their own size, heads of 64, ImageNet's mean and standard deviation.
    Raises what read_safetensors and fill raise, import_option, out_exists.
    """
    require_new(out)
    file, config = opened(source)
    tensors, described = read_safetensors(file)
    backbone = dino_backbone(tensors) if kind == "dino" else tensors
    backbone = {name: tensor for name, tensor in backbone.items() if not name.startswith(CLASSIFIER)}
    known = described or {"architecture": {}, "card": {}}
    try:
        architecture = vit_architecture(backbone, options["heads"] or known["architecture"].get("heads"), file)
        card = encoder_card(architecture, options, config.get("pretrained_cfg", {}), known["card"])
    except (TypeError, ValueError, AttributeError) as error:
        raise TrainerError(
            "config_unreadable", f"what the file says of itself is no use: {error}", where=str(file)
        ) from error
    weights = fill(lambda: VisionTransformer(**architecture), backbone, file)
    card["source"] = source_of(kind, file)
    encoder = Encoder(architecture, card)
    encoder.vit.load_state_dict(weights)
    run = Imported(out)
    save_encoder(run.model, encoder)
    return finish(run, kind, source, options, export_encoder(run))


def dino_backbone(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """An official checkpoint's teacher without its projection head; DDP's and MultiCropWrapper's prefixes taken off."""
    teacher = {name[8:]: tensor for name, tensor in tensors.items() if name.startswith("teacher.")}
    bare = {name.removeprefix("module."): tensor for name, tensor in (teacher or tensors).items()}
    return {name.removeprefix("backbone."): tensor for name, tensor in bare.items()}


def vit_architecture(tensors: Mapping[str, Tensor], heads: int | None, where: Path) -> dict[str, Any]:
    """What the shapes tell; the number of heads is in none of them."""
    try:
        dim, patch_px = tensors["patch_embed.proj.weight"].shape[::3]
        places = tensors["pos_embed"].shape[1] - 1
    except (KeyError, IndexError, ValueError) as error:
        raise TrainerError(
            "weights_mismatch",
            "the weights are not those of a vision transformer",
            expected="pos_embed [1, 1 + patches, dim] and patch_embed.proj.weight [dim, 3, patch, patch]",
            found=", ".join(sorted(tensors)[:6]) or "no tensor",
            where=str(where),
        ) from error
    grid = round(max(places, 0) ** 0.5)
    heads = heads or max(dim // HEAD_DIM, 1)
    if grid == 0 or grid**2 != places or heads < 1 or dim % heads:
        raise TrainerError(
            "weights_mismatch",
            "the weights are not those of a vision transformer on square images with [CLS] first",
            expected="1 + n² positions, and a width that the heads divide",
            found=f"{places + 1} positions, width {dim}, {heads} heads",
            where=str(where),
            remedy="name the heads with --heads",
        )
    depth = len({name.split(".")[1] for name in tensors if name.startswith("blocks.")})
    return {"image_px": grid * patch_px, "patch_px": patch_px, "dim": dim, "depth": depth, "heads": heads}


def encoder_card(
    architecture: dict[str, Any], options: dict[str, Any], published: dict[str, Any], known: dict[str, Any]
) -> dict[str, Any]:
    """Options before the file's own card, that before timm's `pretrained_cfg`."""
    crop_px = options["crop_px"] or known.get("crop_px") or 256
    input_px = options["input_px"] or known.get("input_px") or crop_px
    mpp = options["mpp"] or known.get("mpp")
    if not mpp or not 0 < input_px <= crop_px or input_px % architecture["patch_px"]:
        raise TrainerError(
            "import_option",
            "the encoder does not say what crops it is for",
            expected=f"--mpp above 0, and --input-px a multiple of {architecture['patch_px']} up to --crop-px",
            found=f"mpp {mpp}, input_px {input_px}, crop_px {crop_px}",
        )
    card = encoders.card(crop_px, input_px, architecture["dim"], mpp)
    for name, usual in (("mean", MEAN), ("std", STD)):
        card[name] = [float(value) for value in options[name] or known.get(name) or published.get(name) or usual]
    if any(len(card[name]) != 3 for name in ("mean", "std")) or min(card["std"]) <= 0:
        raise TrainerError("import_option", "mean and std are three numbers each, std above 0", found=str(card))
    return card
