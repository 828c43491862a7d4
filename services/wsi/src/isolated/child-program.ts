/**
 * Reads slides for another process, which native code that a crafted file crashes then does not take down. Requests come
 * by standard input, answers go by descriptor 3; libraries may print to the other two. Started by reader-child.ts.
 */
import { writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { StromaError } from '@stroma/core/errors';
import { openSlide } from '../open-slide.ts';
import type { SlideFile } from '../slide-file.ts';
import { dieWithParent } from './die-with-parent.ts';
import { receiveFrames, sendFrame } from './frames.ts';
import type { Answer, Call, Failure, Request } from './messages.ts';

const answers = new Socket({ fd: 3, readable: false, writable: true });
const slides = new Map<number, Promise<SlideFile>>();

async function carryOut(slide: number, call: Call): Promise<Answer & { bytes?: Buffer }> {
  if (call.kind === 'open') {
    const opening = openSlide(call.path);
    slides.set(slide, opening);
    opening.catch(() => slides.delete(slide));
    return { structure: (await opening).structure };
  }
  const file = await slides.get(slide);
  if (!file) throw new Error('the slide is not open');
  if (call.kind === 'tile') return { bytes: await file.tile(call.level, call.column, call.row) };
  if (call.kind === 'decodedTile') return { bytes: await file.decodedTile(call.level, call.column, call.row) };
  if (call.kind === 'region') {
    return { bytes: await file.region(call.level, call.x, call.y, call.width, call.height) };
  }
  slides.delete(slide);
  await file.close();
  return {};
}

function failureOf(error: unknown): Failure {
  if (error instanceof StromaError) return { message: error.message, problem: error.problem, status: error.status };
  if (!(error instanceof Error)) return { message: String(error) };
  const { code } = error as NodeJS.ErrnoException;
  return { message: error.message, ...(code ? { code } : {}) };
}

dieWithParent();
// Linux: when memory runs out, this process is ended first, not the service it reads for.
await writeFile('/proc/self/oom_score_adj', '1000').catch(() => undefined);
receiveFrames<Request>(
  process.stdin,
  async ({ header: { id, slide, call } }) => {
    try {
      const { bytes, ...answer } = await carryOut(slide, call);
      sendFrame(answers, { id, ...answer }, bytes);
    } catch (error) {
      sendFrame(answers, { id, failure: failureOf(error) });
    }
  },
  () => process.kill(process.pid, 'SIGKILL'),
);
sendFrame(answers, {});
