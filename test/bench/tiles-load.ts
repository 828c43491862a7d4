/**
 * Load from a process of its own: reads `{origin, addresses, cookie, connections, seconds}` as JSON from its
 * standard input, and prints what came of it as JSON.
 */
import { text } from 'node:stream/consumers';
import autocannon from 'autocannon';

export interface Load {
  origin: string;
  addresses: string[];
  cookie: string;
  connections: number;
  /** Without it every address is asked for once, each connection having its own share of them. */
  seconds?: number;
}

export interface Loaded {
  requestsPerS: number;
  bytesPerS: number;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
  /** Answers other than 2xx, errors and time-outs. */
  failed: number;
}

const { origin, addresses, cookie, connections, seconds } = JSON.parse(await text(process.stdin)) as Load;
const times: number[] = [];
const startedAt = performance.now();
const requests = addresses.map((path) => ({ method: 'GET' as const, path, headers: { cookie } }));
let shares = 0;
const options: autocannon.Options =
  seconds === undefined
    ? { url: origin, connections, amount: addresses.length, requests, setupClient: giveShare }
    : { url: origin, connections, duration: seconds, requests };
const result = await new Promise<autocannon.Result>((resolve, reject) => {
  const run = autocannon(options, (error, done) => (error ? reject(error) : resolve(done)));
  // autocannon's own histogram knows whole milliseconds only.
  run.on('response', (_client, _status, _bytes, ms) => times.push(ms));
});
const elapsedS = (performance.now() - startedAt) / 1000;
times.sort((a, b) => a - b);
const quantile = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
const loaded: Loaded = {
  requestsPerS: times.length / elapsedS,
  bytesPerS: result.throughput.total / elapsedS,
  requests: times.length,
  p50Ms: quantile(0.5),
  p99Ms: quantile(0.99),
  maxMs: quantile(1),
  failed: result.non2xx + result.errors + result.timeouts,
};
console.log(JSON.stringify(loaded));

function giveShare(client: autocannon.Client): void {
  const share = shares;
  shares += 1;
  client.setRequests(requests.filter((_, i) => i % connections === share));
}
