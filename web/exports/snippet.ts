import type { ExportMessage } from '@stroma/core/http/export';

/** What each snippet imports besides Python's own. */
export const needs: Record<ExportMessage['layout'], string> = {
  parquet: 'pyarrow',
  clam: 'h5py torch',
  scores: 'pyarrow',
};

/** Python that opens the first slide of the downloaded file as it is, without unpacking it. */
export const snippetOf = (layout: ExportMessage['layout'], fileName: string) =>
  opening[layout](JSON.stringify(fileName));

const opening: Record<ExportMessage['layout'], (file: string) => string> = {
  parquet: (file) => `import io, zipfile
import pyarrow.parquet as pq

with zipfile.ZipFile(${file}) as archive:
    slides = [name for name in archive.namelist() if name.startswith("embeddings/")]
    table = pq.read_table(io.BytesIO(archive.read(slides[0])))
embeddings = table["embedding"].combine_chunks().flatten().to_numpy().reshape(len(table), -1)
print(slides[0], embeddings.shape, embeddings.dtype)  # crops × dimensions
print(table.select(["crop_id", "x0", "y0"]).slice(0, 3).to_pylist())  # places in level-0 px
`,
  clam: (file) => `import io, zipfile
import h5py, torch

with zipfile.ZipFile(${file}) as archive:
    slides = [name for name in archive.namelist() if name.startswith("h5_files/")]
    with h5py.File(io.BytesIO(archive.read(slides[0])), "r") as slide:
        features = torch.from_numpy(slide["features"][:])
        coords = torch.from_numpy(slide["coords"][:])  # level-0 px
print(slides[0], tuple(features.shape), features.dtype, tuple(coords.shape))
`,
  scores: (file) => `import io, zipfile
import pyarrow.parquet as pq

with zipfile.ZipFile(${file}) as archive:
    slides = [name for name in archive.namelist() if name.startswith("scores/")]
    table = pq.read_table(io.BytesIO(archive.read(slides[0])))
print(slides[0], len(table), table.schema.names)
print(table.sort_by("attention_rank").select(["crop_id", "attention"]).slice(0, 3).to_pylist())  # most attended
`,
};
