"""How far short samplers end from DDIM's 50 steps, on a trained E-LDM:

python sample_distance.py MANIFEST ENCODER_RUN ELDM_RUN CROPS OUT.json [SECOND_ENCODER_RUN]

MANIFEST: a manifest.json, or a plain folder of images, whose central squares are taken.
Every sampler draws the same crops' generated crops from the same noise. `distance` is the Fréchet distance to the real
crops; the second encoder did not condition the E-LDM.
"""

import json
import sys
import time
from pathlib import Path

import torch

from stroma_trainer.crops import read_manifest
from stroma_trainer.eldm import load_eldm
from stroma_trainer.encoder import load_encoder
from stroma_trainer.evaluation.frechet import frechet_distance, rank_warning
from stroma_trainer.image_folder import is_plain_folder, read_image_folder
from stroma_trainer.noise import noise_key
from stroma_trainer.sampler import alpha_bars
from stroma_trainer.synthesize import sample

SAMPLERS = [("ddim", 50), ("ddim", 20), ("ddim", 10), ("dpmpp", 20), ("dpmpp", 10), ("unipc", 20), ("unipc", 10)]
BATCH = 32

source = Path(sys.argv[1])
encoders = {"conditioning": load_encoder(Path(sys.argv[2]))}
eldm = load_eldm(Path(sys.argv[3]))
if len(sys.argv) > 6:
    encoders["second"] = load_encoder(Path(sys.argv[6]))
crop_px = encoders["conditioning"].card["crop_px"]
manifest = (
    read_image_folder(source).manifest("crop", crop_px, 0.0) if is_plain_folder(source) else read_manifest(source)
)
card = eldm.card
bars = alpha_bars(card["train_timesteps"], card["beta_start"], card["beta_end"])
picked = torch.linspace(0, len(manifest.crops) - 1, min(int(sys.argv[4]), len(manifest.crops))).long()
real = manifest.store(card["image_px"], 8.0).read(picked)
embeddings = encoders["conditioning"].embed(real)
keys = [noise_key(1, manifest.crops[int(ix)].crop_id, "generated", 1.0, 0) for ix in picked]
real_features = {name: encoder.embed(real) for name, encoder in encoders.items()}

rows, reference = [], None
for sampler, steps in SAMPLERS:
    started = time.perf_counter()
    images = torch.cat(
        [
            sample(
                eldm, keys[at : at + BATCH], embeddings[at : at + BATCH], bars, steps, card["guidance_scale"], sampler
            )
            for at in range(0, len(keys), BATCH)
        ]
    )
    seconds = time.perf_counter() - started
    reference = images if reference is None else reference
    crops = (images * 255).round().to(torch.uint8)
    distance = {name: frechet_distance(real_features[name], encoder.embed(crops)) for name, encoder in encoders.items()}
    rows.append(
        {
            "sampler": sampler,
            "steps": steps,
            "distance": distance,
            "ratio_to_first": {name: value / rows[0]["distance"][name] for name, value in distance.items()}
            if rows
            else {},
            "grey_levels_from_first": 255 * float((images - reference).abs().mean()),
            "crops_per_s": len(keys) / seconds,
        }
    )
    print(json.dumps(rows[-1]), file=sys.stderr)
warning = rank_warning(len(keys), real_features["conditioning"].shape[1])
Path(sys.argv[5]).write_text(json.dumps({"crops": len(keys), "warning": warning, "samplers": rows}, indent=2))
