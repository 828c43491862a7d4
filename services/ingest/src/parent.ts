import { fstatSync } from 'node:fs';

/**
 * Calls back when the process that started this one has died: its end of our standard input closes then. A terminal,
 * a file or /dev/null says nothing about a parent; node's pipes are sockets.
 */
export function whenParentDies(callback: () => void): void {
  let input: ReturnType<typeof fstatSync>;
  try {
    input = fstatSync(0);
  } catch {
    return; // no standard input at all
  }
  if (!input.isFIFO() && !input.isSocket()) return;
  process.stdin.on('end', callback);
  process.stdin.on('error', callback);
  process.stdin.resume();
}
