import type { ExportMessage } from './http/export.ts';

export interface ExportedSlide {
  crops: number;
  dim: number;
}

/**
 * About how many bytes an export takes, before it is written: what the writers made of embeddings drawn from a normal
 * distribution (10 to 20,000 crops of 128 to 768 numbers) to within 10 %.
 */
export function exportBytes(
  layout: ExportMessage['layout'],
  slides: readonly ExportedSlide[],
  classes: number,
): number {
  const ofSlide = { parquet: parquetBytes, clam: clamBytes, scores: (one: ExportedSlide) => scoreBytes(one, classes) };
  return Math.round(slides.reduce((sum, slide) => sum + ofSlide[layout](slide), 0));
}

// Half precision that hardly compresses, and 6 bytes of places and ids a crop.
const parquetBytes = ({ crops, dim }: ExportedSlide) => 4_000 + crops * (1.84 * dim + 6);

/** HDF5 allots whole chunks of at most 1,024 rows: float32, and places as int32 and as int64. */
function clamBytes({ crops, dim }: ExportedSlide): number {
  const chunk = Math.min(1024, Math.max(crops, 1));
  return 16_000 + Math.ceil(crops / chunk) * chunk * (4 * dim + 8 + 16);
}

// Logit, attention, rank and places, and one float32 a class.
const scoreBytes = ({ crops }: ExportedSlide, classes: number) => 4_000 + crops * (26 + 3.7 * classes);
