"""A stage without the platform: the command line becomes the run directory that the platform would have written.

    python -m stroma_trainer train_dino --data FOLDER --preset tiny --out RUN

The same command again goes on from RUN's checkpoint. While RUN has neither checkpoint nor result, another command may
correct it; after that a different configuration is refused.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from stroma_trainer import presets, provenance
from stroma_trainer.checkpoint import write_atomically
from stroma_trainer.errors import TrainerError
from stroma_trainer.run_directory import INPUTS, OPTIONAL_INPUTS, VERSION

# --mode of train_dino: the stage that trains it, with what settings.
MODES: dict[str, tuple[str, dict[str, Any]]] = {
    "dino": ("train_dino", {}),
    "pixel-mix": ("train_dino", {"interpolated": "pixels"}),
    "gen-dino": ("train_gen_dino", {}),
    "generated": ("train_gen_dino", {"disentangle_weight": 0.0}),
}
OPTIONS = {"manifest": "data"}  # an input's option, where it has another name


def add_options(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument_group("without the platform").add_argument
    add("--out", type=Path, metavar="RUN", help="directory of this run; the same command again goes on in it")
    add("--data", type=Path, metavar="FOLDER", help="images in one subfolder a class, or shards: manifest.json")
    for name, stage in (("encoder", "train_dino"), ("eldm", "train_eldm"), ("synthetic", "synthesize")):
        add(f"--{name}", type=Path, metavar="RUN", help=f"finished run of {stage}")
    add("--gen-encoder", type=Path, metavar="RUN", help="of evaluate: a finished run of train_dino, of another encoder")
    for name in ("autoencoder", "unet"):
        add(f"--{name}", type=Path, metavar="RUN", help="of train_eldm: an import or a finished run to take it from")
    add("--train", type=Path, metavar="FOLDER", help="of evaluate: images in one subfolder a class, to learn from")
    add("--test", type=Path, metavar="FOLDER", help="of evaluate: images of the same classes, to test on")
    add("--bags", type=Path, metavar="RUN", help="finished run of embed, or a bags.json")
    add("--preset", choices=presets.NAMES, help="default: that of --encoder or --synthetic")
    add("--mode", choices=MODES, default="dino", help="of train_dino, see train_dino.py")
    add("--seed", type=int, default=1)
    add("--set", action="append", default=[], metavar="KEY=VALUE", help="a setting of presets/base.toml")
    add("--fit", choices=presets.CHOICES["folder_fit"], help="folder_fit: images that are larger or not square")
    add("--crop-px", type=int, metavar="N", help="folder_crop_px: side of the square that an image gives")
    add("--mpp", type=float, help="folder_mpp: µm/px of the folder's images")
    add("--skip-unreadable", action="store_true", default=None, help="leave out images that cannot be decoded")


def prepare_run(chosen: argparse.Namespace) -> tuple[str, Path]:
    """Writes config.json into --out. Returns the stage and the run directory. Raises option_missing, option_unknown,
    option_value, out_not_empty, config_mismatch and what the settings are refused for."""
    if chosen.stage != "train_dino" and chosen.mode != "dino":
        raise TrainerError("option_unknown", f"{chosen.stage} has no use for --mode", expected="train_dino --mode …")
    stage, overrides = MODES[chosen.mode] if chosen.stage == "train_dino" else (chosen.stage, {})
    inputs = _inputs(stage, chosen)
    earlier = [_config(path) for name, path in sorted(inputs.items()) if name != "manifest"]
    before = next((config for config in earlier if "preset" in config), {})  # an import has none
    preset = chosen.preset or before.get("preset")
    if preset is None:
        raise TrainerError("option_missing", f"{stage} needs --preset", expected=", ".join(presets.NAMES))
    kept = {name: value for name, value in before.get("overrides", {}).items() if name.startswith("folder_")}
    overrides = kept | overrides | _folder_settings(chosen) | dict(_setting(text) for text in chosen.set)
    presets.settings(stage, preset, overrides)  # refuses before anything is written
    if chosen.out.exists() and not chosen.out.is_dir():
        raise TrainerError("out_not_empty", "--out is a file", where=str(chosen.out), remedy="name a new directory")
    config = {
        "version": VERSION,
        "run_id": chosen.out.resolve().name,
        "stage": stage,
        "preset": preset,
        "seed": chosen.seed,
        "code_revision": provenance.code_revision(),
        "overrides": overrides,
        "inputs": {name: str(path) for name, path in inputs.items()},
    }
    write_config(chosen.out.resolve(), config)
    return stage, chosen.out.resolve()


def evaluate_on_folders(chosen: argparse.Namespace) -> dict[str, Any]:
    """evaluate --train FOLDER --test FOLDER --encoder RUN: no run directory. Raises option_missing, option_unknown and
    what folders and encoder are refused for."""
    from stroma_trainer.evaluation.folders import evaluate_folders  # the networks: not for every command

    for name in ("train", "test", "encoder"):
        if getattr(chosen, name) is None:
            raise TrainerError("option_missing", f"evaluate needs --{name}", expected="--train, --test, --encoder")
    for name in ("run", "out", "data", "gen_encoder", "eldm", "synthetic", "bags"):
        if getattr(chosen, name) is not None:
            option = "--" + name.replace("_", "-")
            raise TrainerError(
                "option_unknown",
                f"evaluate on two folders has no use for {option}",
                expected="--train, --test, --encoder",
            )
    before = _config(chosen.encoder)
    preset = chosen.preset or before.get("preset")
    if preset is None:
        raise TrainerError("option_missing", "evaluate needs --preset", expected=", ".join(presets.NAMES))
    kept = {name: value for name, value in before.get("overrides", {}).items() if name.startswith("folder_")}
    overrides = kept | _folder_settings(chosen) | dict(_setting(text) for text in chosen.set)
    return evaluate_folders(chosen.train, chosen.test, chosen.encoder, preset, overrides, chosen.seed)


def write_config(run: Path, config: dict[str, Any]) -> None:
    run.mkdir(parents=True, exist_ok=True)
    file = run / "config.json"
    begun = any((run / name).exists() for name in ("checkpoint.pt", "result.json"))
    if begun and file.exists():
        if changed := provenance.differences(_bound(json.loads(file.read_bytes())), _bound(config)):
            raise TrainerError(
                "config_mismatch",
                "the directory holds a run of another configuration: " + "; ".join(changed),
                where=str(run),
                remedy="repeat the command it was started with, or name another --out",
            )
    elif not file.exists() and (others := sorted(path.name for path in run.iterdir())):
        raise TrainerError(
            "out_not_empty",
            "the directory holds other files",
            found=", ".join(others[:3]),
            where=str(run),
            remedy="name a new directory, or one of an earlier run",
        )
    write_atomically(file, json.dumps(config, indent=2, ensure_ascii=False).encode())


def _bound(config: dict[str, Any]) -> dict[str, Any]:
    """Without the settings that may change while a run goes on."""
    overrides = {name: value for name, value in config["overrides"].items() if name not in presets.FREE}
    return config | {"overrides": overrides}


def _inputs(stage: str, chosen: argparse.Namespace) -> dict[str, Path]:
    found = {}
    optional = OPTIONAL_INPUTS.get(stage, set())
    for name in ("manifest", "encoder", "gen_encoder", "eldm", "synthetic", "bags", "autoencoder", "unet"):
        option = OPTIONS.get(name, name).replace("_", "-")
        path = getattr(chosen, OPTIONS.get(name, name))
        if name in INPUTS[stage] and path is None:
            raise TrainerError("option_missing", f"{stage} needs --{option}", expected=_expected(stage))
        if name not in INPUTS[stage] | optional and path is not None:
            raise TrainerError("option_unknown", f"{stage} has no use for --{option}", expected=_expected(stage))
        if path is not None:
            if not path.exists():
                raise TrainerError("input_missing", f"what --{option} names does not exist", where=str(path))
            found[name] = (path / "bags.json" if name == "bags" and path.is_dir() else path).resolve()
    return found


def _expected(stage: str) -> str:
    return ", ".join(f"--{OPTIONS.get(name, name)}" for name in sorted(INPUTS[stage]))


def _config(run: Path) -> dict[str, Any]:
    """Of an input's run: its preset is this run's, and the folder's settings go on."""
    try:
        config: dict[str, Any] = json.loads((run / "config.json").read_bytes())
    except (OSError, ValueError):
        return {}  # the stage itself says what the input lacks
    return config


def _folder_settings(chosen: argparse.Namespace) -> dict[str, Any]:
    given = {
        "folder_fit": chosen.fit,
        "folder_crop_px": chosen.crop_px,
        "folder_mpp": chosen.mpp,
        "folder_skip_unreadable": chosen.skip_unreadable,
    }
    return {name: value for name, value in given.items() if value is not None}


def _setting(text: str) -> tuple[str, Any]:
    """`lr=1e-3`, `alphas=[0.2, 0.5]`, `norm_last_layer=false`; what is no JSON is text: `precision=fp32`."""
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise TrainerError("option_value", "--set takes KEY=VALUE", expected="e.g. --set epochs=3", found=text)
    try:
        return key, json.loads(value)
    except ValueError:
        return key, value
