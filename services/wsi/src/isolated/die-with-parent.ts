import koffi from 'koffi';

/** Linux: PR_SET_PDEATHSIG of prctl(2). */
const setParentDeathSignal = 1;
const sigkill = 9;

/**
 * Ends this process when its parent dies or closes the pipe. SIGKILL, because an orderly exit would wait for native
 * code that hangs; on Linux the kernel sends it, so that it comes also while this process can do nothing.
 */
export function dieWithParent(): void {
  const parent = process.ppid;
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.stdin.on('close', end);
  process.stdin.on('error', end);
  if (process.platform !== 'linux') return;
  const prctl = koffi.load('libc.so.6').func('int prctl(int option, unsigned long value)');
  prctl(setParentDeathSignal, sigkill);
  if (process.ppid !== parent) end();
}
