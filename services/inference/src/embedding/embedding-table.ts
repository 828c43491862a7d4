import {
  Field,
  FixedSizeList,
  Float16,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Table,
  Utf8,
  Vector,
  vectorFromArray,
} from 'apache-arrow';

/** What every row of a slide's embeddings says. Sides of a crop in level-0 px. */
export interface EmbeddedSlide {
  slideId: string;
  size0X: number;
  size0Y: number;
  mpp: number;
  dim: number;
}

/** Crops with their embeddings, in the order of crop.ix: places are level-0 px. */
export interface EmbeddedCrops {
  cropIds: string[];
  x0: Int32Array;
  y0: Int32Array;
  tissueFraction: Float32Array;
  /** IEEE half precision, row after row. */
  embeddings: Uint16Array;
}

export interface EmbeddingOrigin {
  encoder_sha256: string;
  crop_set_recipe: string;
  crop_selection: string;
  slide_sha256: string;
  code_revision: string;
  /** By an encoder of 8-bit products; otherwise absent. */
  arithmetic?: 'int8';
}

export type EmbeddingMetadata = Map<string, string>;

/** The columns of an embedding file (services/README.md, “Embedding files”). */
export function embeddingSchema(dim: number, metadata: EmbeddingMetadata): Schema {
  const { fields } = columns({ slideId: '', size0X: 0, size0Y: 0, mpp: 0, dim }, noCrops).schema;
  return new Schema(fields, metadata);
}

export function embeddingBatch(schema: Schema, slide: EmbeddedSlide, crops: EmbeddedCrops): RecordBatch {
  const [batch] = columns(slide, crops).batches;
  if (!batch) throw new RangeError('no crops');
  return new RecordBatch(schema, batch.data);
}

const noCrops: EmbeddedCrops = {
  cropIds: [],
  x0: new Int32Array(),
  y0: new Int32Array(),
  tissueFraction: new Float32Array(),
  embeddings: new Uint16Array(),
};

function columns(slide: EmbeddedSlide, crops: EmbeddedCrops): Table {
  const rows = crops.x0.length;
  const child = makeData({ type: new Float16(), length: rows * slide.dim, nullCount: 0, data: crops.embeddings });
  const list = new FixedSizeList(slide.dim, new Field('item', new Float16(), false));
  return new Table({
    slide_id: vectorFromArray(new Array<string>(rows).fill(slide.slideId), new Utf8()),
    crop_id: vectorFromArray(crops.cropIds, new Utf8()),
    x0: new Vector([makeData({ type: new Int32(), data: crops.x0 })]),
    y0: new Vector([makeData({ type: new Int32(), data: crops.y0 })]),
    size0_x: repeated(slide.size0X, rows),
    size0_y: repeated(slide.size0Y, rows),
    mpp: repeated(slide.mpp, rows),
    tissue_fraction: new Vector([makeData({ type: new Float32(), data: crops.tissueFraction })]),
    embedding: new Vector([makeData({ type: list, length: rows, nullCount: 0, child })]),
  });
}

function repeated(value: number, rows: number): Vector<Float64> {
  return new Vector([makeData({ type: new Float64(), data: new Float64Array(rows).fill(value) })]);
}
