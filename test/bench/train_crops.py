"""Crops as both trainers read them: train_crops.py OUT COUNT. Drawn tissue of 256 px in shards with a manifest, and the
same JPEGs as files in OUT/folder/<slide>/.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "trainer"))

from cohort import make_manifest

SLIDES = 4


def main(out: Path, count: int) -> None:
    manifest = make_manifest(out / "shards", SLIDES, count // SLIDES, 256)
    header = json.loads(manifest.read_bytes())
    shards = [(manifest.parent / shard["path"]).read_bytes() for shard in header["shards"]]
    for line in (manifest.parent / header["crops"]).read_text().splitlines():
        crop = json.loads(line)
        file = out / "folder" / crop["slide_id"] / f"{crop['x0']}_{crop['y0']}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(shards[crop["shard"]][crop["offset"] :][: crop["length"]])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
