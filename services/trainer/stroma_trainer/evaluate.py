"""What an encoder and the synthetic crops are worth (recipe F). Run as a stage:

    python -m stroma_trainer evaluate --run DIR    # inputs: manifest, encoder; optional: gen_encoder, synthetic, eldm

    labels of the manifest's slides   k-NN and linear probe, judged by other patients' crops
    synthetic                         Fréchet distance over its real-to-real floor, cosine along alpha, memorisation
    synthetic and eldm                walks along alpha for fixed pairs
    gen_encoder                       all of it a second time, by an encoder that did not condition the generator

Leaves report.html, and pictures as events. Nothing is trained but linear probes, so a run that is stopped starts anew.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from stroma_trainer import presets, world
from stroma_trainer.checkpoint import write_atomically
from stroma_trainer.crops import Crop, ImageStore, Manifest
from stroma_trainer.device import prepare
from stroma_trainer.eldm import load_eldm
from stroma_trainer.encoder import Encoder, check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.alpha_curve import alpha_curve
from stroma_trainer.evaluation.attention import attention_maps, overlay
from stroma_trainer.evaluation.features import Features, extract
from stroma_trainer.evaluation.frechet import frechet_report
from stroma_trainer.evaluation.groups import numbered, spread_over
from stroma_trainer.evaluation.label_scores import held_out_scores
from stroma_trainer.evaluation.memorisation import Memorisation, memorisation, nearest
from stroma_trainer.evaluation.report_page import report_page
from stroma_trainer.evaluation.walks import walk, walk_report
from stroma_trainer.noise import noise_key
from stroma_trainer.pictures import Picture, Tile, draw, spread
from stroma_trainer.run_directory import RunDirectory
from stroma_trainer.synthetic import read_synthetic

PHASE = "evaluate"
SHOWN = 8  # crops in a picture
HEADS = 6  # attention heads in a picture, ViT-S's number


@dataclass(frozen=True)
class Made:
    """The synthetic crops of the chosen crops, in their order."""

    images: ImageStore
    generated: Tensor  # rows of images, [N]
    interpolated: Tensor
    alphas: Tensor  # alpha_primary of the interpolated crops, [N]
    secondary: Tensor  # their secondary crops, by index into the manifest's, [N]


@dataclass(frozen=True)
class Chosen:
    """The crops that are evaluated, by index into the manifest's, [N]"""

    crops: Tensor
    slides: Tensor  # as numbers
    made: Made | None


@dataclass(frozen=True)
class Judged:
    """One encoder's features of the chosen crops."""

    real: Features
    made: "JudgedMade | None"


@dataclass(frozen=True)
class JudgedMade:
    generated: Features
    interpolated: Features
    secondary: Tensor  # embeddings of the interpolated crops' secondary crops, [N, D]


def evaluate(run: RunDirectory) -> tuple[dict[str, tuple[float, float]], dict[str, Any]]:
    if not world.leads():
        return {}, {}  # of several processes the first does it all
    c = run.c
    device = prepare(c.device, c.threads)
    encoders = {"encoder": load_encoder(run.input("encoder")).to(device)}
    if run.has_input("gen_encoder"):
        encoders["gen_encoder"] = load_encoder(run.input("gen_encoder")).to(device)
    sha256 = {name: encoder_sha256(run.input(name)) for name in encoders}
    card = encoders["encoder"].card
    manifest, input_px = run.manifest(card["crop_px"]), card["input_px"]
    for encoder in encoders.values():
        check_crops(encoder, manifest.crop_px, input_px)
    chosen = choose(run, manifest, sha256, input_px)
    run.restore()

    images = manifest.store(input_px, 0.0)  # read a batch at a time: features are kept, pixels are not
    sets = {name: judge(run, encoder, images, chosen, device) for name, encoder in encoders.items()}
    pictures: dict[str, Picture] = {}
    metrics: dict[str, Any] = {
        "crops": len(chosen.crops),
        "crops_in_all": len(manifest.crops),
        "slides": len(chosen.slides.unique()),
        "encoder_sha256": sha256,
    }
    metrics |= {name: {} for name in encoders}
    score_labels(run, manifest, chosen, sets, metrics)
    if chosen.made is not None:
        for name, judged in sets.items():
            if judged.made is None:
                continue
            copies = memorisation(judged.real.descriptor, judged.made.generated.descriptor, chosen.slides)
            metrics[name] |= score_synthetic(run, judged.real.cls, judged.made, chosen.made, chosen.slides)
            metrics[name]["memorisation"] = copies.report()
            if name == "encoder":
                near = nearest_other(judged.real, judged.made, len(chosen.crops))
                pictures["samples"] = sample_picture(images, chosen, chosen.made, near)
                pictures["closest"] = closest_picture(images, chosen, chosen.made, copies)
            run.check_stop()
        if run.has_input("eldm"):
            pictures["walks"] = walk_pairs(run, manifest, images, chosen, chosen.made, encoders, sha256, metrics)
    for name, encoder in encoders.items():
        pictures[f"attention {name}"] = attention_picture(encoder, images, chosen, name, device)

    for name, picture in pictures.items():
        kind, _, whose = name.partition(" ")
        run.picture(whose or PHASE, 0, 0.0, kind, picture)
    page = report_page(f"Evaluation, run {run.run_id}", metrics, pictures)
    write_atomically(run.path / "report.html", page.encode())
    return {}, metrics


def choose(run: RunDirectory, manifest: Manifest, sha256: dict[str, str], input_px: int) -> Chosen:
    """Raises encoder_mismatch: the synthetic crops come from another encoder's, or the second encoder is the first."""
    if len(set(sha256.values())) < len(sha256):
        raise TrainerError(
            "encoder_mismatch",
            "the second encoder is the one that conditioned the generator",
            expected="an encoder that did not",
            found=sha256["encoder"],
            remedy="name the run of Gen-DINO, or of DINO with another seed",
        )
    slides = numbered([crop.slide_id for crop in manifest.crops])
    rows = spread_over(slides, run.c.max_crops, run.seed)
    if not run.has_input("synthetic"):
        return Chosen(rows, slides[rows], None)
    folder = run.input("synthetic")
    made_with = json.loads((folder / "synthetic.json").read_bytes())["encoder_sha256"]
    if made_with != sha256["encoder"]:
        raise TrainerError(
            "encoder_mismatch",
            "the synthetic crops were made with another encoder",
            expected=made_with,
            found=sha256["encoder"],
            remedy="name the encoder's run that synthesize was given",
        )
    synthetic = read_synthetic(folder, manifest.crops, input_px, 0.0)
    generated, interpolated = (
        torch.tensor([synthetic.rows[kind][ix][0] for ix in rows.tolist()]) for kind in ("generated", "interpolated")
    )
    alphas, secondary = synthetic.alpha_primary[interpolated], synthetic.secondary[interpolated]
    return Chosen(rows, slides[rows], Made(synthetic.images, generated, interpolated, alphas, secondary))


def judge(run: RunDirectory, encoder: Encoder, images: ImageStore, chosen: Chosen, device: torch.device) -> Judged:
    c, made = run.c, chosen.made
    total, done = len(chosen.crops), 0
    if made is not None:
        extra = made.secondary[~torch.isin(made.secondary, chosen.crops)].unique()
        total += len(extra) + 2 * len(chosen.crops)

    def after_each(count: int) -> None:
        nonlocal done
        done += count
        run.progress(PHASE, done, total, "crop")
        run.check_stop()

    def features(store: ImageStore, rows: Tensor) -> Features:
        batches: Iterator[Tensor] = (store.read(part) for part in rows.split(c.batch_size))
        return extract(encoder, batches, device, c.probe_blocks, after_each)

    real = features(images, chosen.crops)
    if made is None:
        return Judged(real, None)
    known = dict(zip(chosen.crops.tolist(), real.cls, strict=True))
    if len(extra):
        known |= dict(zip(extra.tolist(), features(images, extra).cls, strict=True))
    secondary = torch.stack([known[ix] for ix in made.secondary.tolist()])
    generated, interpolated = (features(made.images, rows) for rows in (made.generated, made.interpolated))
    return Judged(real, JudgedMade(generated, interpolated, secondary))


def score_labels(
    run: RunDirectory, manifest: Manifest, chosen: Chosen, sets: dict[str, Judged], metrics: dict[str, Any]
) -> None:
    """k-NN and linear probe on the crops of labelled slides; why they are left out, if they are."""
    crops = [manifest.crops[ix] for ix in chosen.crops.tolist()]
    labelled = torch.tensor([crop.slide_id in manifest.labels for crop in crops])
    of = [crop for crop, has in zip(crops, labelled.tolist(), strict=True) if has]
    classes = sorted({manifest.labels[crop.slide_id] for crop in of})
    patients = numbered([patient(manifest, crop) for crop in of])
    if len(classes) < 2 or len(patients.unique()) < 2:
        metrics["labels_left_out"] = (
            f"k-NN and the linear probe need labels of at least 2 classes and 2 patients; "
            f"{len(of)} crops have labels of {len(classes)} classes"
        )
        run.log(metrics["labels_left_out"] + ".")
        return
    labels = torch.tensor([classes.index(manifest.labels[crop.slide_id]) for crop in of])
    metrics["classes"] = classes
    for name, judged in sets.items():
        metrics[name]["labels"] = held_out_scores(
            judged.real[labelled], labels, len(classes), patients, run.c, run.seed
        )
        run.check_stop()


def patient(manifest: Manifest, crop: Crop) -> str:
    """A slide whose patient is not known is a patient of its own."""
    return manifest.patients.get(crop.slide_id, crop.slide_id)


def score_synthetic(run: RunDirectory, real: Tensor, found: JudgedMade, made: Made, slides: Tensor) -> dict[str, Any]:
    """real: embeddings [N, D]. The curve along alpha needs a synthetic set with several alphas."""
    generated, interpolated = found.generated.cls, found.interpolated.cls
    same = F.cosine_similarity(real.double(), generated.double())
    kinds = {"generated": generated, "interpolated": interpolated}
    return {
        "generated_to_own": {"mean": float(same.mean()), "min": float(same.min()), "n": len(same)},
        "frechet": frechet_report(real, kinds, slides, run.seed),
    } | (
        {"alpha_curve": alpha_curve(interpolated, real, found.secondary, made.alphas)}
        if len(made.alphas.unique()) > 1
        else {}
    )


def walk_pairs(
    run: RunDirectory,
    manifest: Manifest,
    images: ImageStore,
    chosen: Chosen,
    made: Made,
    encoders: dict[str, Encoder],
    sha256: dict[str, str],
    metrics: dict[str, Any],
) -> Picture:
    """Fixed pairs of synthesize, spread over the evaluated crops. Raises encoder_mismatch."""
    c, encoder = run.c, encoders["encoder"]
    device = encoder.matrix.device
    eldm = load_eldm(run.input("eldm")).to(device)
    if eldm.card["encoder_sha256"] != sha256["encoder"]:
        raise TrainerError(
            "encoder_mismatch",
            "the E-LDM was trained with another encoder",
            expected=eldm.card["encoder_sha256"],
            found=sha256["encoder"],
            remedy="name the encoder's run that train_eldm was given",
        )
    rows = torch.tensor(spread(c.walk_pairs, len(chosen.crops)))
    primary, secondary = images.read(chosen.crops[rows]), images.read(made.secondary[rows])
    ends = [encoder.embed(pixels.to(device)) for pixels in (primary, secondary)]
    # the noise of the pair's generated crop: alpha 1 is that crop
    keys = [noise_key(run.seed, manifest.crops[ix].crop_id, "generated", 1.0) for ix in chosen.crops[rows].tolist()]
    unit = settings_of(run.input("synthetic"))["slerp_input"] == "unit"
    walks = walk(eldm, ends[0], ends[1], c.walk_alphas, keys, unit)
    for name, one in encoders.items():
        real = [one.embed(pixels.to(device)) for pixels in (primary, secondary)]
        metrics[name]["walks"] = walk_report(one, walks, real[0], real[1], c.walk_alphas)
    lines = [
        [Tile(second), *(Tile(step, synthetic=True) for step in steps), Tile(first)]
        for first, second, steps in zip(primary, secondary, walks, strict=True)
    ]
    heads = ["secondary", *(f"{alpha:g}" for alpha in c.walk_alphas), "primary"]
    return draw(
        lines, heads, "Synthetic crops along alpha_primary between two real crops of different slides, one noise a row"
    )


def settings_of(run: Path) -> dict[str, Any]:
    """Of a finished run of synthesize."""
    config = json.loads((run / "config.json").read_bytes())
    return presets.settings("synthesize", config["preset"], config["overrides"])


def nearest_other(real: Features, found: JudgedMade, count: int) -> Tensor:
    """The real crop most similar to each shown generated crop, its own left out; [SHOWN]"""
    rows = torch.tensor(spread(SHOWN, count))
    return nearest(found.generated.descriptor[rows], real.descriptor, rows, torch.arange(count)).row


def sample_picture(images: ImageStore, chosen: Chosen, made: Made, near: Tensor) -> Picture:
    rows = torch.tensor(spread(SHOWN, len(chosen.crops)))
    real, other = images.read(chosen.crops[rows]), images.read(chosen.crops[near])
    synthetic = made.images.read(made.generated[rows])
    lines = [[Tile(a), Tile(b, synthetic=True), Tile(c)] for a, b, c in zip(real, synthetic, other, strict=True)]
    caption = "Real crops, the synthetic crops generated from them, and the most similar of the other real crops"
    return draw(lines, ["real", "generated", "nearest other"], caption)


def closest_picture(images: ImageStore, chosen: Chosen, made: Made, found: Memorisation) -> Picture:
    rows = torch.tensor(found.closest(SHOWN))
    synthetic = made.images.read(made.generated[rows])
    near = images.read(chosen.crops[found.generated.row[rows]])
    own = images.read(chosen.crops[rows])
    lines = [[Tile(a, synthetic=True), Tile(b), Tile(c)] for a, b, c in zip(synthetic, near, own, strict=True)]
    caption = "The synthetic crops nearest to a training crop, that crop, and the crop they were generated from"
    return draw(lines, ["generated", "nearest", "its own"], caption)


def attention_picture(encoder: Encoder, images: ImageStore, chosen: Chosen, name: str, device: torch.device) -> Picture:
    pixels = images.read(chosen.crops[torch.tensor(spread(SHOWN, len(chosen.crops)))])
    maps = attention_maps(encoder, pixels.to(device))
    heads = maps.shape[1] if maps.shape[1] <= HEADS else HEADS
    columns = [pixels, overlay(pixels, maps.mean(1)), *(overlay(pixels, maps[:, head]) for head in range(heads))]
    lines = [[Tile(column[ix]) for column in columns] for ix in range(len(pixels))]
    which = "DINO" if name == "encoder" else "the second encoder"
    caption = f"Attention of {which}: last block, [CLS] over the patches, mean of the heads and each head by itself"
    return draw(lines, ["crop", "mean", *(f"head {head + 1}" for head in range(heads))], caption)
