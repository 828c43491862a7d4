/**
 * Cuts crops for the ingest worker, which starts it: it opens slides by itself and may crash, hang or blow up over a
 * crafted file without harm to anyone else.
 */
import { asProblem, StromaError } from '@stroma/core/errors';
import { dieWithParent } from '@stroma/wsi/isolated/die-with-parent';
import { openSlide } from '@stroma/wsi/open-slide';
import type { SlideFile } from '@stroma/wsi/slide-file';
import { cutBlock } from './cut-block.ts';
import { measureCrops } from './measure-crops.ts';
import type { FromCutter, ToCutter, WriteEntries } from './messages.ts';
import { planSlide } from './plan-slide.ts';
import { type Entries, Segment } from './segment.ts';
import { writeEntries } from './write-entries.ts';

const aliveMs = 1_000;

dieWithParent();
const send = (message: FromCutter) => process.send?.(message);
const segment = new Segment();
/** Of blocks that were cut, until their place in a shard is known. */
let unwritten: Entries[] = [];
let open: { file: string; slide: SlideFile } | undefined;
let lastSign = 0;

function alive(): void {
  if (performance.now() - lastSign < aliveMs) return;
  lastSign = performance.now();
  send({ kind: 'alive' });
}

async function slideOf(file: string): Promise<SlideFile> {
  if (open?.file !== file) {
    await close();
    open = { file, slide: await openSlide(file) };
  }
  return open.slide;
}

async function close(): Promise<void> {
  await open?.slide.close();
  open = undefined;
  for (const entries of unwritten) segment.giveBack(entries);
  unwritten = [];
}

async function answer(request: Exclude<ToCutter, WriteEntries>): Promise<void> {
  try {
    if (request.kind === 'plan') {
      const { file, set } = request;
      send({ kind: 'planned', answer: await planSlide(await slideOf(file), file, set) });
    } else if (request.kind === 'block') {
      const { job, crops } = request;
      const { block, entries } = await cutBlock(await slideOf(job.file), job, crops, segment, alive);
      unwritten.push(entries);
      send({ kind: 'cut', answer: block });
    } else if (request.kind === 'measure') {
      send({ kind: 'measured', answer: measureCrops(request.file, request.places, alive) });
    } else await close();
  } catch (error) {
    segment.giveBack(segment.finish());
    send({ kind: 'failed', problem: asProblem(error), status: error instanceof StromaError ? error.status : 500 });
  }
}

/** Not in its turn: whoever asks holds up the next block until it is done. */
function write({ file, offset }: WriteEntries): void {
  const entries = unwritten.shift() ?? [];
  try {
    writeEntries(file, offset, entries);
    send({ kind: 'written' });
  } catch (error) {
    send({ kind: 'unwritten', problem: asProblem(error) });
  }
  segment.giveBack(entries);
}

let last: Promise<void> = Promise.resolve();
process.on('message', (request: ToCutter) => {
  if (request.kind === 'write') write(request);
  else last = last.then(() => answer(request));
});
