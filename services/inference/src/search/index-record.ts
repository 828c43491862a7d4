import { type Static, Type } from 'typebox';

/** The numbers of an index file, and what they were made of. It is written when the index is whole. */
export const IndexRecord = Type.Object({
  version: Type.Literal(1),
  /** SHA-256 and length of the index file: native code maps it, and would crash on another one. */
  sha256: Type.String(),
  bytes: Type.Integer(),
  dim: Type.Integer(),
  /** Embedding files in the order of the index: row 0 of the second has the number after the last of the first. */
  files: Type.Array(Type.Object({ sha256: Type.String(), rows: Type.Integer() })),
});
export type IndexRecord = Static<typeof IndexRecord>;

/** Beside the run's embeddings, so that whoever removes these removes it too. */
export const indexKeys = (runId: number) => ({
  index: `embeddings/${runId}/nearest.usearch`,
  record: `embeddings/${runId}/nearest.json`,
});

/**
 * How the graph is made and walked (HNSW). Half precision, as embeddings are stored: its distances are theirs, where
 * 8 bit lose a fifteenth of the nearest 24.
 */
export const graph = { quantization: 'f16', connectivity: 16, expansion_add: 64, expansion_search: 128 } as const;
