"""Pictures: what is drawn, how synthetic crops are marked, what the event says."""

import hashlib
import io
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from cohort import events, make_run
from stroma_trainer.pictures import GAP_PX, LABEL_PX, TILE_PX, Tile, draw, spread
from stroma_trainer.run_directory import RunDirectory


def plain(value: int, side: int = 64) -> torch.Tensor:
    return torch.full((3, side, side), value, dtype=torch.uint8)


def read(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def tile_of(image: Image.Image, row: int, column: int) -> np.ndarray:
    x, y = column * (TILE_PX + GAP_PX), LABEL_PX + row * (TILE_PX + GAP_PX)
    return np.asarray(image.crop((x, y, x + TILE_PX, y + TILE_PX)))[..., :3]


def test_a_synthetic_crop_has_a_ribbon_and_the_file_says_so() -> None:
    picture = draw([[Tile(plain(200)), Tile(plain(200), synthetic=True)]], ["real", "generated"], "two crops")
    image = read(picture.png)
    assert picture.synthetic
    assert image.size == (picture.width, picture.height)
    assert image.text["Synthetic"] == "true"
    assert image.text["Description"] == picture.caption == "two crops"
    assert (tile_of(image, 0, 0) == 200).all()
    marked = tile_of(image, 0, 1)
    assert (marked[: TILE_PX // 2, TILE_PX // 2 :] != 200).mean() > 0.2
    assert (marked[:, : TILE_PX // 3] == 200).all()


def test_real_crops_have_none() -> None:
    picture = draw([[Tile(plain(10))], [Tile(plain(250, side=256))]], ["real"], "real crops")
    image = read(picture.png)
    assert not picture.synthetic
    assert image.text["Synthetic"] == "false"
    assert (tile_of(image, 0, 0) == 10).all()
    assert (tile_of(image, 1, 0) == 250).all()


def test_pixels_are_enlarged_as_squares_and_averaged_when_shrunk() -> None:
    checks = torch.tensor([[0, 200], [200, 0]], dtype=torch.uint8)
    picture = read(
        draw([[Tile(checks.expand(3, 2, 2)), Tile(checks.repeat(128, 128).expand(3, 256, 256))]], ["2", "256"], "").png
    )
    assert set(np.unique(tile_of(picture, 0, 0))) == {0, 200}
    assert (tile_of(picture, 0, 1) == 100).all()


def test_spread_is_even_and_within() -> None:
    assert spread(3, 9) == [1, 4, 7]
    assert spread(5, 2) == [0, 1]
    assert spread(4, 0) == []


def test_an_event_names_the_file_and_making_it_again_changes_nothing(tmp_path: Path, manifest: Path) -> None:
    folder = make_run(tmp_path / "run", "train_dino", {"manifest": manifest})
    run = RunDirectory(folder, "train_dino")
    for _ in range(2):
        run.picture("dino", 7, 1.5, "views", draw([[Tile(plain(5))]], ["crop"], "a crop"))
    first, second = events(folder, "picture")
    assert {key: first[key] for key in first if key != "time"} == {key: second[key] for key in second if key != "time"}
    data = (folder / first["path"]).read_bytes()
    assert first["path"] == "pictures/dino-views-00000007.png"
    assert (first["sha256"], first["bytes"]) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (first["phase"], first["step"], first["epoch"], first["name"]) == ("dino", 7, 1.5, "views")
    assert not first["synthetic"]
    assert [path.name for path in (folder / "pictures").iterdir()] == ["dino-views-00000007.png"]
