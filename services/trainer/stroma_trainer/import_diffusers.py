"""diffusers' folders (config.json + safetensors) → the run directory of an autoencoder, a U-Net or a whole E-LDM.

python -m stroma_trainer import --kind vq --from FOLDER --out RUN       # VQModel: `autoencoder` of train_eldm
python -m stroma_trainer import --kind unet --from FOLDER --out RUN     # UNet2DConditionModel: `unet` of train_eldm
python -m stroma_trainer import --kind eldm --from FOLDER --encoder RUN --out RUN    # as `export` writes it
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from stroma_trainer.autoencoder import FACTOR, VqCodec
from stroma_trainer.diffusers_networks import UNet2DConditionModel, VQModel
from stroma_trainer.eldm import Eldm, save_eldm
from stroma_trainer.encoder import encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.export_onnx import checkpoint, export_eldm
from stroma_trainer.import_run import Imported, finish, opened, read_config, require_new, source_of
from stroma_trainer.unet import ConditionedUnet
from stroma_trainer.weights import fill, read_safetensors, save_weights

# config.json's key → the argument of VqCodec or ConditionedUnet
CODEC = {
    "block_out_channels": "channels",
    "layers_per_block": "blocks",
    "norm_num_groups": "groups",
    "num_vq_embeddings": "codebook_size",
    "latent_channels": "latent_channels",
    "sample_size": "image_px",
    "mid_block_add_attention": "mid_attention",
}
UNET = {
    "block_out_channels": "channels",
    "layers_per_block": "layers",
    "attention_head_dim": "heads",  # diffusers' name; it means the number of heads
    "norm_num_groups": "groups",
    "cross_attention_dim": "context_dim",
    "in_channels": "latent_channels",
    "sample_size": "latent_px",
}
LARGEST = {"layers_per_block": 8, "num_vq_embeddings": 2**20}  # others 8192: a wrong config must not fill the memory
FREE = {"scaling_factor", "force_upcast", "lookup_from_codebook"}  # of VQModel: not part of the network
# The mid block's attention in diffusers before 0.15
OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
SCHEDULER = {"beta_schedule": ("scaled_linear",), "prediction_type": ("epsilon", "v_prediction")}


def import_vq(source: Path, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    require_new(out)
    architecture, tensors, file = read_vq(source)
    side = architecture["image_px"] // FACTOR
    card = {
        "kind": "autoencoder",
        "image_px": architecture["image_px"],
        "latent_shape": [architecture["latent_channels"], side, side],
        "source": source_of("vq", file),
    }
    run = Imported(out)
    save_weights(run.model / "autoencoder.safetensors", tensors, architecture, card)
    return finish(run, "vq", source, options, ({}, [checkpoint(run, run.model, "autoencoder", None, card)]))


def import_unet(source: Path, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    """The embedder of an `embedder` folder beside the U-Net's comes along; without one train_eldm starts a new one. So
    does what a `scheduler` folder says the U-Net predicts; without one that is eps."""
    require_new(out)
    architecture, tensors, file = read_unet(source)
    if source.is_dir() and (source.parent / "scheduler").is_dir():
        _, predicts = schedule(source.parent / "scheduler")
        architecture |= predicts
    beside = source.parent / "embedder"
    if source.is_dir() and beside.is_dir():
        embedder = read_embedder(beside, architecture["context_dim"])
        architecture["embedding_dim"] = embedder["embedder.weight"].shape[1]
        tensors |= embedder
    card = {"kind": "unet", "embedding_dim": architecture["embedding_dim"], "source": source_of("unet", file)}
    run = Imported(out)
    save_weights(run.model / "unet.safetensors", tensors, architecture, card)
    return finish(run, "unet", source, options, ({}, [checkpoint(run, run.model, "unet", None, card)]))


def import_eldm(source: Path, out: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Folders vqvae, unet, embedder, scheduler. options: encoder (run directory), guidance_scale, ddim_steps."""
    require_new(out)
    if options["encoder"] is None:
        raise TrainerError("import_option", "an E-LDM belongs to one encoder", expected="--encoder RUN")
    (noising, predicts), scale = schedule(source / "scheduler"), latent_scale(source / "vqvae")
    encoder = load_encoder(options["encoder"])
    codec, codec_tensors, codec_file = read_vq(source / "vqvae")
    unet, unet_tensors, unet_file = read_unet(source / "unet")
    unet |= predicts
    embedder = read_embedder(source / "embedder", unet["context_dim"])
    unet["embedding_dim"] = embedder["embedder.weight"].shape[1]
    side = codec["image_px"] // FACTOR
    for what, expected, found in (
        ("the encoder's embedding_dim", unet["embedding_dim"], encoder.card["embedding_dim"]),
        ("the encoder's input_px", codec["image_px"], encoder.card["input_px"]),
        ("the U-Net's latents", (codec["latent_channels"], side), (unet["latent_channels"], unet["latent_px"])),
    ):
        if expected != found:
            raise TrainerError(
                "import_mismatch",
                f"the parts do not fit together: {what}",
                expected=str(expected),
                found=str(found),
                where=str(source),
            )
    card = {
        "kind": "eldm",
        "embedding_dim": unet["embedding_dim"],
        "latent_shape": [codec["latent_channels"], side, side],
        "latent_scale": scale,
        **noising,
        "guidance_scale": options["guidance_scale"] or 1.75,
        "ddim_steps": options["ddim_steps"] or 50,
        "image_px": codec["image_px"],
        "encoder_sha256": encoder_sha256(options["encoder"]),
        "source": source_of("eldm", unet_file) | {"autoencoder_sha256": source_of("vq", codec_file)["sha256"]},
    }
    eldm = Eldm({"codec": codec, "unet": unet}, card)
    eldm.codec.load_state_dict(codec_tensors)
    eldm.unet.load_state_dict(unet_tensors | embedder)
    run = Imported(out)
    save_eldm(run.model, eldm)
    return finish(run, "eldm", source, options, export_eldm(run))


def read_vq(source: Path) -> tuple[dict[str, Any], dict[str, Tensor], Path]:
    """→ VqCodec's arguments, its state dict, the weights' file."""
    file, config = opened(source)
    architecture = arguments(VQModel, config, CODEC, source)
    if len(architecture["channels"]) != 3 or architecture["image_px"] % FACTOR:
        raise unsupported(source, f"three levels ({FACTOR} times smaller latents)", str(architecture["channels"]))

    def build() -> nn.Module:
        return VqCodec(**architecture)

    check_config(build, lambda codec: codec.vq, config, VQModel, source)
    tensors, _ = read_safetensors(file)
    return architecture, fill(build, {f"vq.{modern(name)}": tensor for name, tensor in tensors.items()}, file), file


def read_unet(source: Path) -> tuple[dict[str, Any], dict[str, Tensor], Path]:
    """→ ConditionedUnet's arguments with embedding_dim 0, its state dict without the embedder, the weights' file."""
    file, config = opened(source)
    architecture = arguments(UNet2DConditionModel, config, UNET, source) | {"embedding_dim": 0}

    def build() -> nn.Module:
        network = ConditionedUnet(**architecture | {"embedding_dim": 1})
        network.embedder = nn.Identity()  # type: ignore[assignment]  # not in the U-Net's own file
        return network

    check_config(build, lambda network: network.unet, config, UNet2DConditionModel, source)
    tensors, _ = read_safetensors(file)
    return architecture, fill(build, {f"unet.{name}": tensor for name, tensor in tensors.items()}, file), file


def read_embedder(source: Path, context_dim: int) -> dict[str, Tensor]:
    file, _ = opened(source)
    tensors, _ = read_safetensors(file)
    weight = tensors.get("weight", torch.zeros(0))
    embedding_dim = weight.shape[1] if weight.ndim == 2 else 1
    weights = fill(lambda: nn.Linear(embedding_dim, context_dim), tensors, file)
    return {f"embedder.{name}": tensor for name, tensor in weights.items()}


def arguments(network: Any, config: dict[str, Any], names: Mapping[str, str], where: Path) -> dict[str, Any]:
    """What config.json says, or diffusers' default, in our words. Raises config_unsupported."""
    if config.get("_class_name") != network.__name__:
        raise unsupported(where, network.__name__, str(config.get("_class_name", "no config.json")))
    full = defaults(network) | config
    found = {}
    for key, name in names.items():
        value = full[key]
        whole = list(value) if key == "block_out_channels" and isinstance(value, list | tuple) else value
        for number in whole if isinstance(whole, list) else [whole]:
            largest = LARGEST.get(key, 8192)
            if not isinstance(number, int) or not (isinstance(number, bool) or 1 <= number <= largest):
                raise unsupported(where, f"{key}: whole numbers from 1 to {largest}", str(value))
        found[name] = whole
    if not isinstance(found["channels"], list) or not 2 <= len(found["channels"]) <= 8:
        raise unsupported(where, "block_out_channels: a list of 2 to 8", str(found["channels"]))
    return found


def check_config(build: Any, inner: Any, config: dict[str, Any], network: Any, where: Path) -> None:
    """What the file says beyond our arguments must be what our network has. Raises config_unsupported."""
    try:
        with torch.device("meta"):
            ours = dict(inner(build()).config)
    except (ValueError, TypeError, RuntimeError, ZeroDivisionError) as error:
        raise unsupported(where, "sizes that fit together", str(error)) from error
    for key, value in (defaults(network) | config).items():
        plain = tuple(value) if isinstance(value, list) else value
        if key in ours and not key.startswith("_") and key not in FREE and plain != plain_of(ours[key]):
            if key == "vq_embed_dim" and value is None:
                continue  # diffusers: as many as latent_channels
            raise unsupported(where, f"{key} = {ours[key]}", str(value))


def plain_of(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def defaults(network: Any) -> dict[str, Any]:
    parameters = inspect.signature(network.__init__).parameters
    return {name: parameter.default for name, parameter in parameters.items() if name != "self"}


def modern(name: str) -> str:
    parts = name.split(".")
    if "attentions" in parts and parts[-2] in OLD_NAMES:
        parts[-2] = OLD_NAMES[parts[-2]]
    return ".".join(parts)


def latent_scale(vqvae: Path) -> float:
    """diffusers' scaling_factor, if the file names it: its default belongs to another autoencoder. 1 as in LDM."""
    value = read_config(vqvae / "config.json").get("scaling_factor", 1.0)
    if not isinstance(value, int | float) or not 0 < value < 1e6:
        raise unsupported(vqvae, "scaling_factor: a number above 0", str(value))
    return float(value)


def schedule(scheduler: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """→ alpha_bars' arguments, and ConditionedUnet's that say what the U-Net predicts: none for eps."""
    config = read_config(scheduler / "scheduler_config.json")
    for key, choices in SCHEDULER.items():
        if config.get(key) not in choices:
            raise unsupported(scheduler, f"{key} = {' or '.join(choices)}", str(config.get(key, "nothing")))
    steps, start, end = (config.get(key) for key in ("num_train_timesteps", "beta_start", "beta_end"))
    if not isinstance(steps, int) or not 1 <= steps <= 100_000:
        raise unsupported(scheduler, "num_train_timesteps from 1 to 100000", str(steps))
    if not isinstance(start, float) or not isinstance(end, float) or not 0 < start <= end < 1:
        raise unsupported(scheduler, "0 < beta_start <= beta_end < 1", f"{start}, {end}")
    noising = {"train_timesteps": steps, "beta_start": start, "beta_end": end}
    return noising, {"velocity": noising} if config["prediction_type"] == "v_prediction" else {}


def unsupported(where: Path, expected: str, found: str) -> TrainerError:
    return TrainerError(
        "config_unsupported",
        "config.json describes another network than Stroma's",
        expected=expected,
        found=found,
        where=str(where),
    )
