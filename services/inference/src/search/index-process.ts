/**
 * Builds an index of embedding files in a process of its own, below the priority of what people wait for: minutes
 * of native work that block an event loop. The library is asked for only here and where an index is opened, because not every system has it.
 */
import { availableParallelism, constants, setPriority } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fromFloat16 } from '../embedding/float16.ts';
import { embeddingBatches, embeddingsOf } from '../embedding/read-embeddings.ts';
import { graph } from './index-record.ts';

export interface ToBuild {
  files: string[];
  dim: number;
  target: string;
}
export type Built = { rows: number[] } | { problem: string };

const send = (message: Built) => process.send?.(message, () => process.exit(0));

// The service has ended or died.
process.on('disconnect', () => process.exit(0));
process.once('message', (wanted: ToBuild) => {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
  build(wanted).then(
    (rows) => send({ rows }),
    (error: unknown) => send({ problem: String(error) }),
  );
});

async function build({ files, dim, target }: ToBuild): Promise<number[]> {
  const { Index, MetricKind } = await import('usearch');
  const index = new Index({ ...graph, dimensions: dim, metric: MetricKind.Cos, multi: false } as never);
  const threads = Math.max(1, Math.floor(availableParallelism() / 2));
  let key = 0n;
  const rows: number[] = [];
  for (const file of files) {
    let here = 0;
    for await (const batch of embeddingBatches(file)) {
      const vectors = fromFloat16(embeddingsOf(batch).values);
      const keys = BigUint64Array.from({ length: batch.numRows }, (_, row) => key + BigInt(row));
      index.add(keys, vectors, threads);
      key += BigInt(batch.numRows);
      here += batch.numRows;
      // Lets the end of the service in.
      await nextTurn();
    }
    rows.push(here);
  }
  index.save(target);
  return rows;
}
