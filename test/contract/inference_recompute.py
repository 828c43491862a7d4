"""Recomputes with torch, pyarrow and h5py what the inference service wrote: python inference_recompute.py SPEC.json

Prints one JSON object. SPEC names what to recompute; every key is optional.
"""

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

# Torch and diffusers take seconds to import, so each function imports what it needs.
sys.path.insert(0, str(Path(__file__).parents[2] / "services" / "trainer"))


def attention(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: embeddings (Arrow IPC), model (folder of a fold)"""
    import pyarrow as pa
    import torch

    from stroma_trainer.abmil import Abmil
    from stroma_trainer.weights import load_weights

    tensors, arguments, _ = load_weights(Path(spec["model"]) / "abmil.safetensors")
    model = Abmil(**arguments).eval()
    model.load_state_dict(tensors)
    column = pa.ipc.open_file(spec["embeddings"]).read_all().column("embedding").combine_chunks()
    bag = torch.from_numpy(np.asarray(column.flatten(), dtype=np.float32).reshape(len(column), -1))
    with torch.no_grad():
        logits, attention_logits, class_logits = model.by_instance(bag)
    evidence = attention_logits.softmax(0)[:, None] * (class_logits - class_logits.mean(1, keepdim=True))
    return {
        "probabilities": logits.softmax(-1).tolist(),
        "attention_logits": attention_logits.tolist(),
        "evidence": evidence.T.tolist(),
        "centred_logits": (logits - logits.mean()).tolist(),
        "arguments": arguments,
    }


def schema(path: str) -> dict[str, Any]:
    import pyarrow as pa

    table = pa.ipc.open_file(path).read_all()
    metadata = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    first = {name: table.column(name)[0].as_py() for name in table.column_names}
    types = {field.name: str(field.type) for field in table.schema}
    return {"types": types, "rows": table.num_rows, "metadata": metadata, "first": first}


def parquet(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: embeddings (Arrow IPC), exported (Parquet)"""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table, exported = pa.ipc.open_file(spec["embeddings"]).read_all(), pq.read_table(spec["exported"])
    return {"same": table.equals(exported, check_metadata=True), "rows": exported.num_rows}


def table(path: str) -> dict[str, Any]:
    """A Parquet file's columns, types and metadata."""
    import pyarrow.parquet as pq

    read = pq.read_table(path)
    metadata = {key.decode(): value.decode() for key, value in (read.schema.metadata or {}).items()}
    types = {field.name: str(field.type) for field in read.schema}
    return {"types": types, "columns": read.to_pydict(), "metadata": metadata}


def crop(place: dict[str, Any]) -> Any:
    from PIL import Image

    with open(place["path"], "rb") as file:
        file.seek(place["offset"])
        image = Image.open(io.BytesIO(file.read(place["length"]))).convert("RGB")
    return np.array(image)


def embedding(spec: dict[str, Any]) -> list[list[float]]:
    """spec: encoder (run directory), crops (path, offset, length); decoded by Pillow, as the trainer does"""
    import torch

    from stroma_trainer.encoder import load_encoder

    encoder = load_encoder(Path(spec["encoder"]))
    with torch.no_grad():
        return encoder(torch.from_numpy(np.stack([crop(place) for place in spec["crops"]]))).tolist()


def patch_attention(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: encoder (run directory), side, crops (files of interleaved RGB). by_hand: the last block's input, caught on
    its way, through q·kᵀ / √head dim over all tokens, as in DINO's get_last_selfattention."""
    import torch

    from stroma_trainer.encoder import load_encoder

    encoder = load_encoder(Path(spec["encoder"]))
    side = spec["side"]
    crops = torch.from_numpy(np.stack([np.fromfile(file, np.uint8).reshape(side, side, 3) for file in spec["crops"]]))
    block = encoder.vit.blocks[-1]
    kept: list[torch.Tensor] = []
    block.norm1.register_forward_hook(lambda _module, _inputs, output: kept.append(output))
    with torch.no_grad():
        served = encoder.with_attention(crops)[1]
        count, tokens, dim = kept[0].shape
        heads = encoder.architecture["heads"]
        qkv = block.attn.qkv(kept[0]).reshape(count, tokens, 3, heads, dim // heads).permute(2, 0, 3, 1, 4)
        all_tokens = (qkv[0] @ qkv[1].transpose(-2, -1) * (dim // heads) ** -0.5).softmax(-1)
    return {"served": served.tolist(), "by_hand": all_tokens[:, :, 0, 1:].tolist()}


def interpolation(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: encoder, eldm (run directories), crops (primary, secondary), alpha, key, sampler, steps, png"""
    import torch
    from PIL import Image

    from stroma_trainer.eldm import load_eldm
    from stroma_trainer.sampler import alpha_bars
    from stroma_trainer.slerp import interpolate
    from stroma_trainer.synthesize import sample

    eldm = load_eldm(Path(spec["eldm"]))
    card = eldm.card
    primary, secondary = torch.tensor(embedding(spec)).split(1)
    between = interpolate(primary, secondary, torch.tensor([[spec["alpha"]]]), unit=True)
    bars = alpha_bars(card["train_timesteps"], card["beta_start"], card["beta_end"])
    image = sample(eldm, [spec["key"]], between, bars, spec["steps"], card["guidance_scale"], spec["sampler"])
    expected = image[0].permute(1, 2, 0).numpy() * 255
    with Image.open(spec["png"]) as png:
        found = np.array(png.convert("RGB"), dtype=float)
        description = png.getexif().get(270)
    difference = np.abs(found - expected)
    return {"mean": float(difference.mean()), "max": float(difference.max()), "description": description}


def judged(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: encoder, png or embedding_of ([file, crop id]), bag, crop_id (what is replaced), models, cohort (files)"""
    import pyarrow as pa
    import torch
    from PIL import Image

    from stroma_trainer.abmil import Abmil
    from stroma_trainer.encoder import load_encoder
    from stroma_trainer.weights import load_weights

    def read(file: str) -> tuple[list[str], torch.Tensor]:
        table = pa.ipc.open_file(file).read_all()
        column = table.column("embedding").combine_chunks()
        values = np.asarray(column.flatten(), dtype=np.float32).reshape(len(column), -1)
        return table.column("crop_id").to_pylist(), torch.from_numpy(values)

    if "png" in spec:
        encoder = load_encoder(Path(spec["encoder"]))
        with Image.open(spec["png"]) as png:
            side = encoder.card["crop_px"]
            image = np.array(png.convert("RGB").resize((side, side), Image.Resampling.NEAREST))
        with torch.no_grad():
            embedding = encoder(torch.from_numpy(image[None]))[0]
    else:
        ids, values = read(spec["embedding_of"][0])
        embedding = values[ids.index(spec["embedding_of"][1])]
    ids, bag = read(spec["bag"])
    bag[ids.index(spec["crop_id"])] = embedding.half().float()
    each = []
    for folder in spec["models"]:
        tensors, arguments, _ = load_weights(Path(folder) / "abmil.safetensors")
        model = Abmil(**arguments).eval()
        model.load_state_dict(tensors)
        with torch.no_grad():
            each.append(model(bag)[0].softmax(-1))
    names: list[str] = []
    rows: list[torch.Tensor] = []
    for file in spec["cohort"]:
        known, values = read(file)
        names += known
        rows.append(values)
    cosines = torch.nn.functional.cosine_similarity(torch.cat(rows), embedding[None])
    best = int(cosines.argmax())
    return {
        "probabilities": torch.stack(each).mean(0).tolist(),
        "nearest": {"crop_id": names[best], "similarity": float(cosines[best]), "among": len(names)},
    }


def sampling(spec: dict[str, Any]) -> dict[str, Any]:
    """spec: sampler, steps, schedule, guidance, start [n], embedding; with a denoiser that sampling.test.ts has, too"""
    import torch

    from stroma_trainer.sampler import alpha_bars, draw_latents

    asked: list[int] = []

    def denoise(latents: torch.Tensor, timestep: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        asked.append(int(timestep[0]))
        drift = embedding.mean(dim=1).view(-1, 1, 1, 1)
        return torch.tanh(latents * (0.5 + timestep.view(-1, 1, 1, 1) / 1000)) + 0.3 * drift

    schedule = spec["schedule"]
    bars = alpha_bars(schedule["trainTimesteps"], schedule["betaStart"], schedule["betaEnd"])
    start = torch.tensor(spec["start"], dtype=torch.float32).view(1, 1, 1, -1)
    embedding = torch.tensor([spec["embedding"]], dtype=torch.float32)
    latents = draw_latents(spec["sampler"], denoise, start, embedding, bars, spec["steps"], spec["guidance"])
    return {"timesteps": asked, "latent": latents.flatten().tolist()}


def hdf5(path: str) -> dict[str, Any]:
    import h5py

    out = {}
    with h5py.File(path) as file:
        for name, data in file.items():
            plain = {key: value.tolist() if hasattr(value, "tolist") else value for key, value in data.attrs.items()}
            out[name] = {
                "dtype": str(data.dtype),
                "shape": list(data.shape),
                "maxshape": list(data.maxshape),
                "chunks": list(data.chunks),
                "attributes": plain,
                "attribute_types": {key: str(getattr(value, "dtype", "")) for key, value in data.attrs.items()},
                "first": data[0].tolist(),
            }
    return out


def main() -> None:
    spec = json.loads(Path(sys.argv[1]).read_text())
    known = {
        "attention": attention,
        "schema": schema,
        "parquet": parquet,
        "table": table,
        "embedding": embedding,
        "patch_attention": patch_attention,
        "interpolation": interpolation,
        "judged": judged,
        "sampling": sampling,
        "hdf5": hdf5,
    }
    print(json.dumps({name: [known[name](item) for item in items] for name, items in spec.items()}))


if __name__ == "__main__":
    main()
