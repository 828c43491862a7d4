import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Rectangle } from '@stroma/wsi/slide-file';

export interface OpenSlidePython {
  /** RGB over white of a rectangle, in px of the level. Asked one after the other. */
  region(file: string, reader: string, level: number, rectangle: Rectangle): Promise<Buffer>;
  close(): void;
}

const program = path.resolve(import.meta.dirname, '../fixtures/openslide_regions.py');

/** openslide-python in a process of its own, as the peer to compare with. */
export function startOpenSlidePython(python: string): OpenSlidePython {
  const child = spawn(python, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const output: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
  return {
    async region(file, reader, level, rectangle) {
      child.stdin.write(`${JSON.stringify({ file, reader, level, ...rectangle })}\n`);
      const wanted = rectangle.width * rectangle.height * 3;
      const chunks: Buffer[] = [];
      let received = 0;
      while (received < wanted) {
        const { value, done } = await output.next();
        if (done) throw new Error('openslide-python ended before its answer');
        chunks.push(value);
        received += value.length;
      }
      return Buffer.concat(chunks);
    },
    close: () => child.stdin.end(),
  };
}
