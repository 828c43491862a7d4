import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { type RecordBatch as ArrowBatch, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  Table as ParquetTable,
  type RecordBatch,
  transformParquetStream,
  WriterPropertiesBuilder,
} from 'parquet-wasm';
import { batchRows } from '../embedding/embedding-file.ts';

/** Record batches of one schema as Parquet, batch by batch: what the field's tools read. */
export async function* parquetOf(
  batches: AsyncIterator<ArrowBatch> | Iterator<ArrowBatch>,
): AsyncGenerator<Uint8Array> {
  const first = await batches.next();
  if (first.done) return;
  const metadata = first.value.schema.metadata;
  // Readers look either into the Arrow schema (pyarrow) or into the file's own metadata: both get it.
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setMaxRowGroupSize(batchRows)
    .setKeyValueMetadata(metadata)
    .build();
  let fault: unknown;
  async function* converted(): AsyncGenerator<RecordBatch> {
    try {
      for (let next = first; !next.done; next = await batches.next()) {
        yield* ParquetTable.fromIPCStream(tableToIPC(new Table([next.value]), 'stream')).recordBatches();
      }
    } catch (error) {
      fault = error;
      throw error;
    }
  }
  try {
    const parquet = await transformParquetStream(ReadableStream.from(converted()) as never, properties);
    yield* parquet as unknown as AsyncIterable<Uint8Array>;
  } catch (error) {
    // The writer has words of its own for whatever went wrong before it.
    throw fault ?? error;
  }
}

export function parquetStream(batches: AsyncIterator<ArrowBatch> | Iterator<ArrowBatch>): Readable {
  return Readable.from(parquetOf(batches), { objectMode: false });
}
