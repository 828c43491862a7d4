"""A trained encoder on two folders of images, one subfolder a class: learnt from one, tested on the other.

python -m stroma_trainer evaluate --train FOLDER --test FOLDER --encoder RUN
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import torch

from stroma_trainer import presets
from stroma_trainer.device import prepare
from stroma_trainer.encoder import check_crops, encoder_sha256, load_encoder
from stroma_trainer.errors import TrainerError
from stroma_trainer.evaluation.features import Features, extract
from stroma_trainer.evaluation.groups import numbered, spread_over
from stroma_trainer.evaluation.label_scores import transfer_scores
from stroma_trainer.image_folder import NO_CLASS, ImageFolder, read_image_folder


def evaluate_folders(
    train: Path, test: Path, encoder_run: Path, preset: str, overrides: dict[str, Any], seed: int
) -> dict[str, Any]:
    """k-NN and linear probe on the folders' classes; intervals over resamples of slides. What is returned is JSON.

    Raises what settings, encoder and folders are refused for, class_unknown, same_images, one_class.
    """
    c = SimpleNamespace(**presets.settings("evaluate", preset, overrides))
    device = prepare(c.device, c.threads)
    encoder = load_encoder(encoder_run)
    learnt, tested = (read_image_folder(path, c.folder_skip_unreadable, c.threads) for path in (train, test))
    check_classes(learnt, tested)
    card = encoder.card

    def features(folder: ImageFolder) -> tuple[Features, list[int]]:
        labelled = torch.tensor([ix for ix, label in enumerate(folder.labels) if label != NO_CLASS])
        slides = numbered([folder.crops[ix].slide_id for ix in labelled.tolist()])
        rows = labelled[spread_over(slides, c.max_crops, seed)]
        manifest = folder.manifest(c.folder_fit, c.folder_crop_px or card["crop_px"], c.folder_mpp)
        check_crops(encoder, manifest.crop_px, card["input_px"])
        images = manifest.store(card["input_px"], 0.0)
        batches = (images.read(part) for part in rows.split(c.batch_size))
        return extract(encoder, batches, device, c.probe_blocks), rows.tolist()

    (seen, train_rows), (unseen, test_rows) = features(learnt), features(tested)
    number = {name: ix for ix, name in enumerate(learnt.classes)}
    scored = transfer_scores(
        seen,
        torch.tensor([learnt.labels[ix] for ix in train_rows]),
        unseen,
        torch.tensor([number[tested.classes[tested.labels[ix]]] for ix in test_rows]),
        len(learnt.classes),
        numbered([tested.crops[ix].slide_id for ix in test_rows]),
        c,
        seed,
    )
    return {
        "version": 1,
        "encoder_sha256": encoder_sha256(encoder_run),
        "classes": learnt.classes,
        "train": {"images": len(train_rows), "sha256": learnt.sha256},
        "test": {"images": len(test_rows), "sha256": tested.sha256},
        **scored,
    }


def check_classes(train: ImageFolder, test: ImageFolder) -> None:
    """Every class of the test folder can be learnt; no slide is in both."""
    if unknown := sorted(set(test.classes) - set(train.classes)):
        raise TrainerError(
            "class_unknown",
            f"{len(unknown)} classes to test on are not among those to learn from, the first is {unknown[0]}",
            expected=", ".join(train.classes) or "subfolders",
            found=", ".join(test.classes),
            where=str(test.path),
            remedy="give both folders the same subfolders",
        )
    if len(train.classes) < 2 or not test.classes:
        raise TrainerError(
            "one_class",
            "k-NN and the linear probe need classes",
            expected="at least 2 subfolders to learn from and 1 to test on",
            found=f"{len(train.classes)} and {len(test.classes)}",
            where=f"{train.path}, {test.path}",
        )
    shared = ({crop.slide_id for crop in train.crops} & {crop.slide_id for crop in test.crops}) - _bare(test)
    if shared or train.sha256 == test.sha256:
        first = f"{len(shared)} slides are in both folders, the first is {sorted(shared)[0]}" if shared else ""
        raise TrainerError(
            "same_images",
            first or "both folders hold the same images",
            expected="slides to test on that nothing was learnt from",
            where=f"{train.path}, {test.path}",
            remedy="move all images of a slide into one of the folders",
        )


def _bare(folder: ImageFolder) -> set[str]:
    """Slides that are only a file's name: equal names in two folders say nothing."""
    return {crop.slide_id for crop in folder.crops if crop.crop_id.rpartition(".")[0] == crop.slide_id}
