"""A plain folder of images: what becomes a crop, a class, a slide; which images are refused or left out."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cohort import make_folder
from stroma_trainer.crops import fitted
from stroma_trainer.errors import TrainerError
from stroma_trainer.image_folder import NO_CLASS, ImageFolder, read_image_folder
from stroma_trainer.pixels import area_matrix, area_resize
from stroma_trainer.synthetic import pairing


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return make_folder(tmp_path / "images", images=3)


def names(folder: ImageFolder) -> list[str]:
    return [crop.crop_id for crop in folder.crops]


def test_subfolders_are_classes_and_content_decides(images: Path) -> None:
    (images / "dense" / "notes.txt").write_text("not an image")
    (images / ".hidden.png").write_bytes(b"")
    (images / "dense" / "image-0.png").rename(images / "dense" / "image-0.jpg")  # PNG by content
    (images / "sparse" / "deeper").mkdir()
    (images / "sparse" / "image-1.png").rename(images / "sparse" / "deeper" / "without-suffix")
    os.mkfifo(images / "sparse" / "pipe.png")
    (images / "sparse" / "loop").symlink_to(images)
    Image.open(images / "sparse" / "image-2.png").save(images / "loose.tif")
    found = read_image_folder(images)
    assert found.classes == ["dense", "sparse"]
    assert dict(zip(names(found), found.labels, strict=True)) == {
        "dense/image-0.jpg": 0,
        "dense/image-1.png": 0,
        "dense/image-2.png": 0,
        "loose.tif": NO_CLASS,
        "sparse/deeper/without-suffix": 1,
        "sparse/image-0.png": 1,
        "sparse/image-2.png": 1,
    }


def test_pixels_are_those_of_the_files(images: Path) -> None:
    found = read_image_folder(images)
    pixels = found.manifest("crop", 0, 0.5).store(80, 1.0).read(torch.tensor([4]))
    expected = np.asarray(Image.open(images / "sparse" / "image-1.png").convert("RGB"))
    np.testing.assert_array_equal(pixels[0].permute(1, 2, 0).numpy(), expected)


def test_names_give_the_slide_wherever_the_file_lies(tmp_path: Path) -> None:
    folder = make_folder(tmp_path / "images", images=4, named="A.1_{}_300.png")
    for label in ("dense", "sparse"):
        (folder / label / "A.1_3_300.png").rename(folder / label / "other.png")
    crops = read_image_folder(folder).crops
    assert [crop.slide_id for crop in crops] == ["A.1"] * 3 + ["dense/other"] + ["A.1"] * 3 + ["sparse/other"]
    assert (crops[2].x0, crops[2].y0) == (2, 300)
    for crop, other in zip(crops, pairing(crops, seed=1), strict=True):
        assert crops[other].slide_id != crop.slide_id


def test_larger_images_give_their_centre(tmp_path: Path) -> None:
    pixels = torch.arange(3 * 10 * 7).reshape(3, 10, 7).to(torch.uint8)
    assert torch.equal(fitted(pixels, "crop", 4, tmp_path), pixels[:, 3:7, 1:5])
    square = pixels[:, 1:8, :]
    assert torch.equal(
        fitted(pixels, "resize", 4, tmp_path).float(), area_resize(square.float(), area_matrix(7, 4))
    )  # largest central square, averaged
    with pytest.raises(TrainerError, match="image_too_small"):
        fitted(pixels, "resize", 8, tmp_path)


def test_the_shortest_side_is_the_crop_when_none_is_given(images: Path) -> None:
    Image.new("RGB", (200, 66)).save(images / "dense" / "wide.png")
    found = read_image_folder(images)
    assert found.manifest("crop", 0, 0.0).crop_px == 66
    assert found.manifest("crop", 50, 0.0).store(50, 1.0).read(torch.arange(7)).shape == (7, 3, 50, 50)
    with pytest.raises(TrainerError, match=r"image_too_small.*200 × 66.*wide\.png"):
        found.manifest("resize", 80, 0.0).store(80, 1.0)


def test_gray_palette_and_alpha_become_rgb(tmp_path: Path) -> None:
    gray = Image.fromarray(np.arange(64 * 64, dtype=np.uint16).reshape(64, 64).astype(np.uint8))
    for ix, mode in enumerate(("L", "P", "RGBA", "1")):
        gray.convert(mode).save(tmp_path / f"{ix}.png")
    gray.convert("CMYK").save(tmp_path / "4.tif")
    assert read_image_folder(tmp_path).manifest("crop", 0, 0.0).store(64, 1.0).read(torch.arange(5)).shape[1] == 3


def test_the_hash_names_content_and_place(images: Path, tmp_path: Path) -> None:
    first = read_image_folder(images).sha256
    copy = shutil.copytree(images, tmp_path / "copy")
    assert read_image_folder(copy).sha256 == first
    file = copy / "dense" / "image-0.png"
    file.write_bytes(file.read_bytes() + b"\0")
    assert read_image_folder(copy).sha256 != first
    shutil.copy(images / "dense" / "image-0.png", file)
    file.rename(copy / "sparse" / "image-9.png")
    assert read_image_folder(copy).sha256 != first


def broken(images: Path, kind: str) -> Path:
    file = images / "dense" / "broken.png"
    if kind == "empty":
        file.write_bytes(b"")
    elif kind == "text":
        file.write_text("<html>404</html>")
    elif kind == "header":
        file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    elif kind == "sixteen":
        Image.fromarray(np.zeros((80, 80), np.uint16)).save(file)
    elif kind == "bomb":
        Image.new("1", (20000, 20000)).save(file)
    elif kind == "truncated":
        file.write_bytes((images / "dense" / "image-0.png").read_bytes()[:3000])
    return file


@pytest.mark.parametrize("kind", ["empty", "text", "header", "sixteen", "bomb"])
def test_an_image_that_cannot_be_used_is_named_or_left_out(images: Path, kind: str) -> None:
    broken(images, kind)
    with pytest.raises(TrainerError, match=r"image_unreadable.*dense/broken\.png"):
        read_image_folder(images)
    found = read_image_folder(images, skip_unreadable=True)
    assert (found.skipped, len(found.crops)) == (["dense/broken.png"], 6)
    assert "left out 1 unreadable, the first is dense/broken.png" in found.summary()


def test_a_truncated_image_is_named_when_it_is_decoded(images: Path) -> None:
    broken(images, "truncated")
    whole = read_image_folder(images)
    with pytest.raises(TrainerError, match=r"image_unreadable.*dense/broken\.png"):
        whole.manifest("crop", 0, 0.0).store(64, 1.0)
    assert read_image_folder(images, skip_unreadable=True).skipped == ["dense/broken.png"]


def test_refuses_a_folder_without_images(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(TrainerError, match="folder_empty"):
        read_image_folder(tmp_path)
    (tmp_path / "a.png").write_bytes(b"")
    with pytest.raises(TrainerError, match="none of the 1 images"):
        read_image_folder(tmp_path, skip_unreadable=True)
    with pytest.raises(TrainerError, match="folder_missing"):
        read_image_folder(tmp_path / "gone")


def test_refuses_names_that_differ_in_the_suffix_alone(images: Path) -> None:
    Image.open(images / "dense" / "image-0.png").save(images / "dense" / "image-0.jpg")
    with pytest.raises(TrainerError, match=r"image_name_twice.*image-0\.jpg and dense/image-0\.png"):
        read_image_folder(images)
