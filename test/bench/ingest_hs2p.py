"""hs2p over copies of one slide, one a worker: ingest_hs2p.py SLIDE MPP WORKERS OUT. Prints one JSON object.

Its readers but cuCIM's go through a slide in one process; several slides at once are how it uses several cores.
"""

import json
import logging
import sys
import time
from pathlib import Path

from hs2p import SegmentationConfig, SlideSpec, TilingConfig, tile_slides

logging.disable(logging.INFO)
slide, mpp, workers, out = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
try:
    import turbojpeg

    turbojpeg.TurboJPEG()
    encoder = "turbojpeg"
except Exception:
    encoder = "pil"

if __name__ == "__main__":
    slides = [SlideSpec(sample_id=f"slide-{i}", image_path=Path(slide)) for i in range(workers)]
    tiling = TilingConfig(
        backend="openslide",
        mask_backend="openslide",
        requested_spacing_um=mpp,
        requested_tile_size_px=256,
        tolerance=0.05,
        overlap=0.0,
    )
    started = time.perf_counter()
    artifacts = tile_slides(
        slides,
        tiling=tiling,
        segmentation=SegmentationConfig(method="hsv"),
        output_dir=out,
        num_workers=workers,
        save_tiles=True,
        jpeg_backend=encoder,
    )
    seconds = time.perf_counter() - started
    crops = sum(artifact.num_tiles for artifact in artifacts)
    print(json.dumps({"crops": crops, "seconds": seconds, "encoder": encoder}))
