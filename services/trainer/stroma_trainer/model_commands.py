"""import, export and convert: models come from elsewhere and go there (services/trainer/README.md)."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from stroma_trainer.errors import TrainerError

KINDS = ("dino", "timm", "vq", "unet", "eldm")
FORMATS = ("timm", "dino", "diffusers")
NAMES = ("import", "export", "convert")


def main(arguments: list[str]) -> int:
    """Prints what was made as JSON and returns 0, or prints the error and returns 1."""
    parser = argparse.ArgumentParser(prog="stroma_trainer")
    commands = parser.add_subparsers(dest="command", required=True)
    taken = commands.add_parser("import", help="published weights → a run directory")
    taken.add_argument("--kind", choices=KINDS, required=True)
    taken.add_argument("--from", dest="source", type=Path, required=True, metavar="PATH")
    taken.add_argument("--out", type=Path, required=True, metavar="RUN", help="a new folder")
    taken.add_argument("--mpp", type=float, help="µm/px of the crops that the encoder will see")
    taken.add_argument("--crop-px", type=int, help="side of those crops; 256 if not named")
    taken.add_argument("--input-px", type=int, help="side that they are averaged down to; crop-px if not named")
    taken.add_argument("--heads", type=int, help="attention heads; width / 64 if not named")
    taken.add_argument("--mean", type=float, nargs=3, help="ImageNet's if neither this nor a config.json names it")
    taken.add_argument("--std", type=float, nargs=3)
    taken.add_argument("--encoder", type=Path, metavar="RUN", help="of an eldm: what it is conditioned on")
    taken.add_argument("--guidance-scale", type=float, help="of an eldm's card; 1.75 if not named")
    taken.add_argument("--ddim-steps", type=int, help="of an eldm's card; 50 if not named")
    given = commands.add_parser("export", help="a finished run's networks in others' formats")
    given.add_argument("--run", type=Path, required=True, metavar="RUN")
    given.add_argument("--format", choices=FORMATS, required=True)
    given.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="a new folder")
    converted = commands.add_parser("convert", help="a .pth → safetensors, without running code")
    converted.add_argument("--from", dest="source", type=Path, required=True, metavar="FILE")
    converted.add_argument("--out", type=Path, required=True, metavar="FILE")
    try:
        print(json.dumps(run(parser.parse_args(arguments)), indent=2))
    except (TrainerError, OSError) as error:  # OSError: a full disk, a folder that may not be written
        print(error, file=sys.stderr)
        return 1
    return 0


def run(chosen: argparse.Namespace) -> dict[str, Any]:
    out: Path = chosen.out.resolve()
    if chosen.command == "convert":
        from stroma_trainer.convert import convert

        return convert(chosen.source, out)
    if chosen.command == "export":
        from stroma_trainer.export_models import export

        return export(chosen.run, chosen.format, out)
    options = {name: value for name, value in vars(chosen).items() if name not in ("command", "kind", "source", "out")}
    if chosen.kind in ("dino", "timm"):
        from stroma_trainer.import_encoder import import_encoder

        result = import_encoder(chosen.kind, chosen.source, out, options)
    else:
        from stroma_trainer import import_diffusers

        take = {"vq": import_diffusers.import_vq, "unet": import_diffusers.import_unet}
        result = take.get(chosen.kind, import_diffusers.import_eldm)(chosen.source, out, options)
    return {"run": str(out), "parity": result["parity"], "card": result["checkpoints"][0]["card"]}
