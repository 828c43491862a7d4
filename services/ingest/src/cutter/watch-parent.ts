import { Worker } from 'node:worker_threads';

/** Looks from a thread of its own, because native code can keep the main one for ever. */
const watch = `
const { workerData } = require('node:worker_threads');
setInterval(() => {
  if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL');
}, 500);
`;

/** Ends this process when the one that started it is gone, whatever it is doing then. */
export function endWithParent(): void {
  const limits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
  new Worker(watch, { eval: true, execArgv: [], workerData: process.ppid, resourceLimits: limits }).unref();
  process.on('disconnect', () => process.exit(0));
}
