import { Readable } from 'node:stream';
import { RecordBatchFileWriter } from 'apache-arrow';
import {
  type EmbeddedCrops,
  type EmbeddedSlide,
  type EmbeddingOrigin,
  embeddingBatch,
  embeddingSchema,
} from './embedding-table.ts';

/** Rows of a record batch, which is read and computed at once: 6 MB of 384 half-precision numbers. */
export const batchRows = 8_192;

/**
 * A slide's embedding file as a stream, made while the crops come: Arrow IPC, whose numbers lie in the file as they are
 * computed with. Of a slide of 10^6 crops never more than some thousand are held.
 */
export function embeddingFile(
  slide: EmbeddedSlide,
  crops: AsyncIterable<EmbeddedCrops>,
  origin: EmbeddingOrigin,
): Readable {
  const schema = embeddingSchema(slide.dim, new Map(Object.entries(origin)));
  const writer = new RecordBatchFileWriter({ autoDestroy: false });
  async function* bytes(): AsyncGenerator<Uint8Array> {
    const written = writer[Symbol.asyncIterator]();
    const fill = async () => {
      writer.reset(undefined, schema);
      for await (const rows of crops) writer.write(embeddingBatch(schema, slide, rows));
      writer.finish();
      writer.close();
    };
    const filled = fill();
    filled.catch((error: unknown) => writer.abort(error));
    for (let next = await written.next(); !next.done; next = await written.next()) yield next.value;
    await filled;
  }
  return Readable.from(bytes(), { objectMode: false });
}
