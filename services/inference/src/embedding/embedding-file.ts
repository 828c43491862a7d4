import {
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  Schema,
  Table,
  tableFromIPC,
  tableToIPC,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { Compression, Table as ParquetTable, readParquet, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';

/** One slide's embeddings (services/README.md, “Embedding files”): places are level-0 px, in the order of crop.ix. */
export interface EmbeddingFile {
  slideId: string;
  cropIds: string[];
  x0: Int32Array;
  y0: Int32Array;
  tissueFraction: Float32Array;
  /** Sides of a crop in level-0 px. */
  size0X: number;
  size0Y: number;
  mpp: number;
  dim: number;
  /** IEEE half precision, row after row. */
  embeddings: Uint16Array;
}

export interface EmbeddingOrigin {
  encoder_sha256: string;
  crop_set_recipe: string;
  crop_selection: string;
  slide_sha256: string;
  code_revision: string;
}

export function writeEmbeddingFile(file: EmbeddingFile, origin: EmbeddingOrigin): Uint8Array {
  const { dim, x0, y0, tissueFraction } = file;
  const rows = x0.length;
  const child = makeData({ type: new Float16(), length: rows * dim, nullCount: 0, data: file.embeddings });
  const list = new FixedSizeList(dim, new Field('item', new Float16(), false));
  const columns = new Table({
    slide_id: vectorFromArray(new Array<string>(rows).fill(file.slideId), new Utf8()),
    crop_id: vectorFromArray(file.cropIds, new Utf8()),
    x0: new Vector([makeData({ type: new Int32(), data: x0 })]),
    y0: new Vector([makeData({ type: new Int32(), data: y0 })]),
    size0_x: repeated(file.size0X, rows),
    size0_y: repeated(file.size0Y, rows),
    mpp: repeated(file.mpp, rows),
    tissue_fraction: new Vector([makeData({ type: new Float32(), data: tissueFraction })]),
    embedding: new Vector([makeData({ type: list, length: rows, nullCount: 0, child })]),
  });
  // Readers look either into the Arrow schema (pyarrow) or into the file's own metadata: both get it.
  const metadata = new Map(Object.entries(origin));
  const table = new Table(new Schema(columns.schema.fields, metadata), columns.batches);
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setKeyValueMetadata(metadata)
    .build();
  return writeParquet(ParquetTable.fromIPCStream(tableToIPC(table, 'stream')), properties);
}

function repeated(value: number, rows: number): Vector<Float64> {
  return new Vector([makeData({ type: new Float64(), data: new Float64Array(rows).fill(value) })]);
}

export function readEmbeddingFile(bytes: Uint8Array): EmbeddingFile {
  const table = tableFromIPC(readParquet(bytes).intoIPCStream());
  const rows = table.numRows;
  const column = table.getChild('embedding') as Vector<FixedSizeList<Float16>>;
  const dim = column.type.listSize;
  const embeddings = new Uint16Array(rows * dim);
  let at = 0;
  for (const chunk of column.data) {
    const [item] = chunk.children;
    if (!item) continue;
    embeddings.set(item.values.subarray(0, chunk.length * dim), at);
    at += chunk.length * dim;
  }
  const numbers = (name: string) => table.getChild(name)?.toArray();
  return {
    slideId: String(table.getChild('slide_id')?.get(0)),
    cropIds: [...(table.getChild('crop_id') ?? [])].map(String),
    x0: numbers('x0') as Int32Array,
    y0: numbers('y0') as Int32Array,
    tissueFraction: numbers('tissue_fraction') as Float32Array,
    size0X: Number(table.getChild('size0_x')?.get(0)),
    size0Y: Number(table.getChild('size0_y')?.get(0)),
    mpp: Number(table.getChild('mpp')?.get(0)),
    dim,
    embeddings,
  };
}
