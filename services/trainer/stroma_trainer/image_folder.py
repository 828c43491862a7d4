"""A plain folder of images as crops: FOLDER/<class>/…/<name>. A file's content decides whether it is an image: JPEG,
PNG or TIFF of 8 bits a channel; the first page of several.

Class: the subfolder directly under FOLDER; images beside the subfolders have none.
Slide: a name <slide>_<x0>_<y0> (level-0 px, as in shards) gives the slide, wherever in FOLDER the file lies. Any other
file is a slide of its own, `<subfolder>/<name>`: whether two of them come from one slide cannot be known, so that a
secondary crop is only sure to be another file.
"""

import hashlib
import io
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from PIL import Image

from stroma_trainer.crops import UNREADABLE, Crop, Entry, Manifest
from stroma_trainer.errors import TrainerError

SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff")  # such a file is meant to be an image; one without may be
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")
MAX_BYTES = 256 << 20
MAX_PIXELS = 64 << 20  # beyond it is a slide, to be cut into crops first
DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")  # more than 8 bits: no common way to 0…255
PLACED = re.compile(r"(.+)_(\d+)_(\d+)")
NO_CLASS = -1


@dataclass(frozen=True)
class Picture:
    """A file looked at: `name` is relative to the folder, with /; `fault` says why it cannot be used."""

    name: str
    length: int
    sha256: str
    width: int
    height: int
    fault: str | None


@dataclass(frozen=True)
class ImageFolder:
    path: Path
    crops: list[Crop]
    classes: list[str]
    labels: list[int]  # by crop: index into classes, or NO_CLASS
    shortest_px: int  # of all images' sides
    skipped: list[str]
    sha256: str  # of every image's name, length and SHA-256

    def summary(self) -> str:
        slides = len({crop.slide_id for crop in self.crops})
        text = f"{self.path}: {len(self.crops)} images in {len(self.classes)} classes, of {slides} slides"
        left_out = f"; left out {len(self.skipped)} unreadable, the first is {self.skipped[0]}" if self.skipped else ""
        return text + left_out

    def manifest(self, fit: str, crop_px: int, mpp: float) -> Manifest:
        """crop_px 0 = the shortest side of all images. fit: `crop` or `resize` (presets/base.toml)."""
        slides = len({crop.slide_id for crop in self.crops})
        return Manifest(mpp, crop_px or self.shortest_px, self.crops, slides, self.slide_labels(), fit=fit)

    def slide_labels(self) -> dict[str, str]:
        """The class of every slide whose images all have the same."""
        found: dict[str, set[int]] = {}
        for crop, label in zip(self.crops, self.labels, strict=True):
            found.setdefault(crop.slide_id, set()).add(label)
        sole = {slide: labels.pop() for slide, labels in found.items() if len(labels) == 1}
        return {slide: self.classes[label] for slide, label in sole.items() if label != NO_CLASS}


def is_plain_folder(path: Path) -> bool:
    """A folder with a manifest.json is a folder of shards."""
    return path.is_dir() and not (path / "manifest.json").exists()


def read_image_folder(path: Path, skip_unreadable: bool = False, threads: int = 0) -> ImageFolder:
    """Reads every file once. With skip_unreadable it also decodes every image, and leaves out what cannot be decoded.
    Raises folder_missing, folder_empty, image_unreadable, image_name_twice."""
    if not path.is_dir():
        raise TrainerError("folder_missing", "the folder of images does not exist", where=str(path))
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        looked = pool.map(partial(_look, path, decode=skip_unreadable), sorted(_files(path)))
        pictures = [picture for picture in looked if picture is not None]
    faulty = [picture for picture in pictures if picture.fault]
    if faulty and not skip_unreadable:
        raise TrainerError(
            "image_unreadable",
            f"an image cannot be used: {faulty[0].fault}" + (f"; so are {len(faulty) - 1} more" * (len(faulty) > 1)),
            expected="JPEG, PNG or TIFF, 8 bits a channel",
            where=str(path / faulty[0].name),
            remedy="remove the file, or leave such files out with --skip-unreadable",
        )
    good = [picture for picture in pictures if not picture.fault]
    if not good:
        raise TrainerError(
            "folder_empty",
            "the folder has no images" if not faulty else f"none of the {len(faulty)} images can be used",
            expected="JPEG, PNG or TIFF, in one subfolder a class",
            where=str(path),
            remedy="name the folder that holds the classes' subfolders, or a shard manifest",
        )
    classes = sorted({_class(picture) for picture in good} - {""})
    number = {name: ix for ix, name in enumerate(classes)} | {"": NO_CLASS}
    digest = hashlib.sha256("".join(f"{p.sha256} {p.length} {p.name}\n" for p in good).encode()).hexdigest()
    return ImageFolder(
        path,
        _crops(path, good),
        classes,
        [number[_class(picture)] for picture in good],
        min(min(picture.width, picture.height) for picture in good),
        [picture.name for picture in faulty],
        digest,
    )


def _files(path: Path) -> Iterator[str]:
    """Names relative to path. Follows links to folders, each once; leaves out hidden files, pipes and devices."""
    seen = set()
    for root, folders, names in os.walk(path, followlinks=True):
        here = os.stat(root)
        if (here.st_dev, here.st_ino) in seen:
            folders.clear()
            continue
        seen.add((here.st_dev, here.st_ino))
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            file = Path(root) / name
            if not name.startswith(".") and file.is_file():
                yield file.relative_to(path).as_posix()


def _look(folder: Path, name: str, decode: bool) -> Picture | None:
    """None for a file that is neither named like an image nor is one."""
    path = folder / name
    meant = path.suffix.lower() in SUFFIXES
    try:
        length = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
            if not head.startswith(SIGNATURES):
                found = "it is neither JPEG, PNG nor TIFF" if head else "the file is empty"
                return Picture(name, length, "", 0, 0, found) if meant else None
            if length > MAX_BYTES:
                return Picture(name, length, "", 0, 0, f"it has {length} bytes, at most {MAX_BYTES} are read")
            data = head + file.read()
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF")) as image:
            width, height = image.size
            fault = _fault(image)
            if decode and not fault:
                image.load()
    except UNREADABLE as error:
        return Picture(name, 0, "", 0, 0, str(error) or type(error).__name__)
    return Picture(name, len(data), hashlib.sha256(data).hexdigest(), width, height, fault)


def _fault(image: Image.Image) -> str | None:
    if image.width * image.height > MAX_PIXELS:
        return f"it has {image.width} × {image.height} px; a slide has to be cut into crops first"
    if image.mode in DEEP_MODES:
        return f"it has more than 8 bits a channel (Pillow's mode {image.mode})"
    return None


def _class(picture: Picture) -> str:
    folder, slash, _ = picture.name.partition("/")
    return folder if slash else ""


def slide_unknown(crop: Crop) -> bool:
    """Of a plain folder's crop: whether it counts as a slide of its own because its name tells none."""
    return crop.slide_id == _bare(crop.crop_id)


def _bare(name: str) -> str:
    return name.removesuffix(PurePosixPath(name).suffix)


def _crops(path: Path, pictures: list[Picture]) -> list[Crop]:
    crops = []
    first: dict[str, str] = {}
    for picture in pictures:
        bare = _bare(picture.name)
        earlier = first.setdefault(bare, picture.name)
        if earlier != picture.name:
            raise TrainerError(
                "image_name_twice",
                "two images differ in their suffix alone",
                found=f"{earlier} and {picture.name}",
                where=str(path),
                remedy="keep one of them, or give them different names",
            )
        placed = PLACED.fullmatch(bare.rpartition("/")[2])
        slide, x0, y0 = (placed[1], int(placed[2]), int(placed[3])) if placed else (bare, 0, 0)
        crops.append(Crop(picture.name, slide, x0, y0, Entry(path / picture.name, 0, picture.length)))
    return crops
