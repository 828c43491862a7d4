"""The loop that most scripts have: read_region, Pillow's JPEG, tar: ingest_openslide.py SLIDE CROPS_JSON WORKERS OUT.

CROPS_JSON holds [x0, y0] of 256-px crops at level 0. Prints one JSON object.
"""

import io
import json
import multiprocessing
import sys
import tarfile
import time

import openslide


def cut(task: tuple[str, list[list[int]], str]) -> int:
    file, crops, out = task
    slide = openslide.OpenSlide(file)
    with tarfile.open(out, "w") as tar:
        for x0, y0 in crops:
            image = slide.read_region((x0, y0), 0, (256, 256)).convert("RGB")
            bytes_ = io.BytesIO()
            image.save(bytes_, "JPEG", quality=90, subsampling=0)
            info = tarfile.TarInfo(f"{x0}_{y0}.jpg")
            info.size = bytes_.tell()
            bytes_.seek(0)
            tar.addfile(info, bytes_)
    return len(crops)


if __name__ == "__main__":
    file, crops_file, workers, out = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    with open(crops_file) as text:
        crops = json.load(text)
    # Neighbours stay together, so that OpenSlide's tile cache helps.
    size = -(-len(crops) // workers)
    tasks = [(file, crops[i * size : (i + 1) * size], f"{out}/{i}.tar") for i in range(workers)]
    with multiprocessing.Pool(workers) as pool:
        started = time.perf_counter()
        count = sum(pool.map(cut, tasks, chunksize=1))
        print(json.dumps({"crops": count, "seconds": time.perf_counter() - started}))
