import { type FileHandle, open } from 'node:fs/promises';
import { Message, MessageHeader } from 'apache-arrow';
import { unreadable } from './read-embeddings.ts';

/** Where the columns of a record batch begin in its file, in bytes. */
export interface BatchLayout {
  firstRow: number;
  rows: number;
  /** Int32 offsets of the crop ids into `cropIds`, one more than there are rows. */
  cropIdEnds: number;
  cropIds: number;
  x0: number;
  y0: number;
  /** Half precision, row after row. */
  embeddings: number;
}

/** Places of the buffers in a batch as embedding-table.ts has its columns: a text has three, a number two. */
const buffers = { cropIdEnds: 4, cropIds: 5, x0: 7, y0: 9, embeddings: -1 };

/** Reads the headers of an embedding file's batches, and none of their numbers, so that single rows can be read. */
export async function layoutOf(path: string): Promise<BatchLayout[]> {
  const file = await open(path).catch((error: unknown) => {
    throw unreadable(path, String(error));
  });
  try {
    const batches: BatchLayout[] = [];
    // Behind “ARROW1” and two bytes to a multiple of eight.
    for (let at = 8, firstRow = 0; ; ) {
      const prefix = await bytesAt(file, path, at, 8);
      const length = prefix.readInt32LE(4);
      if (prefix.readInt32LE(0) !== -1) throw unreadable(path, `no message at byte ${at}`);
      if (length === 0) return batches;
      const message = Message.decode(await bytesAt(file, path, at + 8, length));
      const body = at + 8 + length;
      if (message.headerType === MessageHeader.RecordBatch) {
        const batch = (message as Message<MessageHeader.RecordBatch>).header();
        const start = (ix: number) => body + (batch.buffers.at(ix)?.offset ?? 0);
        batches.push({
          firstRow,
          rows: batch.length,
          cropIdEnds: start(buffers.cropIdEnds),
          cropIds: start(buffers.cropIds),
          x0: start(buffers.x0),
          y0: start(buffers.y0),
          embeddings: start(buffers.embeddings),
        });
        firstRow += batch.length;
      }
      at = body + message.bodyLength;
    }
  } finally {
    await file.close();
  }
}

export async function bytesAt(file: FileHandle, path: string, position: number, length: number): Promise<Buffer> {
  // Of a memory of its own, so that numbers in it are aligned.
  const buffer = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead !== length) throw unreadable(path, `${bytesRead} of ${length} bytes at ${position}`);
  return buffer;
}
