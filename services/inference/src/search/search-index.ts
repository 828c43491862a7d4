import { fromFloat16 } from '../embedding/float16.ts';
import { cosines } from './cosines.ts';
import type { CropIndex, IndexedRow } from './crop-index.ts';
import { NearestList } from './nearest-list.ts';
import type { FoundCrop, Scan } from './scan-embeddings.ts';

/** A file whose crops are compared, and its place among the files of the index. */
export interface SearchedFile {
  path: string;
  indexed: number;
  rows: number;
}

/** The graph answers with so many at most: more take as long as comparing each. */
const mostFetched = 2_000;

/**
 * The nearest crops as an index leads to them, compared again by their stored embeddings: in the order and with the
 * similarities of scanEmbeddings. The index knows no filter: so many more are fetched as the filter leaves out.
 * Undefined when it does not lead to enough of the files that are compared.
 */
export async function searchIndex(
  index: CropIndex,
  files: readonly SearchedFile[],
  { vector, limit, except, signal }: Scan,
): Promise<{ similarity: number; value: FoundCrop }[] | undefined> {
  // Those near the end of the list change places when they are compared again.
  const wanted = 2 * limit + 8 + except.size;
  const candidates = nearestOf(index, files, vector, wanted);
  if (!candidates) return undefined;
  const nearest = new NearestList<FoundCrop>(limit);
  const norm = Math.hypot(...vector);
  for (const [file, { path, indexed }] of files.entries()) {
    const rows = candidates.flatMap((one) => (one.file === indexed ? [one.row] : [])).sort((a, b) => a - b);
    if (rows.length === 0) continue;
    signal?.throwIfAborted();
    for (const { cropId, x0, y0, embedding } of await index.read(path, rows)) {
      const [similarity = 0] = cosines(fromFloat16(embedding), vector, norm);
      if (!except.has(cropId)) nearest.add(similarity, { cropId, x0, y0, file });
    }
  }
  return [...nearest.entries];
}

function nearestOf(
  index: CropIndex,
  files: readonly SearchedFile[],
  vector: Float32Array,
  wanted: number,
): IndexedRow[] | undefined {
  const compared = new Set(files.map((file) => file.indexed));
  const rows = files.reduce((sum, file) => sum + file.rows, 0);
  // The nearest of all may lie on just the slides that are left out: then four times as many are fetched.
  for (let count = Math.ceil((wanted * index.rows) / rows); count <= mostFetched; count *= 4) {
    const found = index.nearest(vector, count).filter((one) => compared.has(one.file));
    if (found.length >= wanted) return found.slice(0, wanted);
    if (count >= index.rows) return undefined;
  }
  return undefined;
}
