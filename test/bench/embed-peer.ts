import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** Starts Python's onnxruntime on an encoder (embed_peer.py): its version, its rate in crops/s over some seconds, its end. */
export async function pythonPeer(python: string, encoder: string, batch: number, cropPx: number, threads: number) {
  const program = path.join(import.meta.dirname, 'embed_peer.py');
  const child = spawn(python, [program, encoder, ...[batch, cropPx, threads].map(String)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('Python’s onnxruntime ended: see above');
    return String(value);
  };
  return {
    version: await line(),
    async rate(seconds: number): Promise<number> {
      child.stdin.write(`${seconds}\n`);
      return Number(await line());
    },
    end: () => child.stdin.end(),
  };
}
