import type { ServerResponse } from 'node:http';
import type { Stage } from '@stroma/core/http/job';
import type { Doorbell } from '@stroma/db/listen';

/** At most two events a second; a page that hears one asks for what it shows. */
const intervalMs = 500;
/** Proxies close connections that are silent for a minute. */
const heartbeatMs = 20_000;

/** Writes server-sent events for changes of these runs until the browser goes away. Returns how to end it here. */
export function streamChanges(
  answer: ServerResponse,
  doorbell: Doorbell,
  runs: ReadonlyMap<number, Stage>,
): () => void {
  // Tile runs come by the hundred and are only counted: one of them stands for all.
  const waiting = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;

  const sendNext = () => {
    timer = undefined;
    const [first] = waiting;
    if (!first) return;
    const [key, runId] = first;
    waiting.delete(key);
    answer.write(`event: change\ndata: ${JSON.stringify({ runId })}\n\n`);
    timer = setTimeout(sendNext, intervalMs);
  };
  const hush = doorbell.onRing((payload) => {
    // An empty ring means that rings may have been missed: any run will make the page look.
    const runId = payload === '' ? [...runs.keys()].at(-1) : Number(payload);
    const stage = runId === undefined ? undefined : runs.get(runId);
    if (runId === undefined || !stage) return;
    waiting.set(stage === 'tile' ? 'tile' : String(runId), runId);
    if (!timer) sendNext();
  });
  const heartbeat = setInterval(() => answer.write(': still here\n\n'), heartbeatMs);
  answer.once('close', () => {
    hush();
    clearInterval(heartbeat);
    clearTimeout(timer);
  });
  answer.write('retry: 2000\n\n');
  return () => answer.end();
}
