// Preloaded into every service: when the launcher dies, by kill -9 too, the pipe at standard input closes, and the
// service is asked to end as by a signal; one that does not is ended after the same time the launcher would give it.
const graceMs = 7_000;

process.stdin.on('error', () => undefined);
process.stdin.on('close', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), graceMs).unref();
});
process.stdin.resume();
// A preload must not keep a program alive that is done.
if ('unref' in process.stdin) (process.stdin as unknown as { unref(): void }).unref();

export {};
