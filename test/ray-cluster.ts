import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './platform.ts';

export interface RayNode {
  /** kill -9 of everything that belongs to the node, as when its machine is lost. */
  kill(): void;
}

export interface RayCluster {
  /** Of the dashboard, where the Jobs API answers. */
  url: string;
  head: RayNode;
  /** Nodes that are alive, as the cluster sees it. */
  aliveNodes(): Promise<number>;
  addNode(): Promise<RayNode>;
  stop(): Promise<void>;
}

/** A Ray cluster on this machine: a head with one CPU and, by addNode, more nodes of one CPU each. */
export async function startRay(python: string): Promise<RayCluster> {
  // Sockets' paths may have 107 characters; Ray adds 70 of its own.
  const folder = await mkdtemp(path.join(tmpdir(), 'ray-'));
  const nodes: RayNode[] = [];
  const [gcs, dashboard, client] = [await freePort(), await freePort(), await freePort()];
  const url = `http://127.0.0.1:${dashboard}`;
  const aliveNodes = async () => {
    const answer = await fetch(`${url}/api/v0/nodes`).catch(() => undefined);
    if (!answer?.ok) return 0;
    const { data } = (await answer.json()) as { data: { result: { result: { state: string }[] } } };
    return data.result.result.filter((node) => node.state === 'ALIVE').length;
  };
  // Ray gives a node 30 s to start, which a busy machine may exceed.
  const start = async (words: string[]) => {
    const alive = await aliveNodes();
    for (let tries = 1; ; tries += 1) {
      const node = startNode(python, words);
      nodes.push(node);
      while ((await aliveNodes()) <= alive && !node.hasEnded()) await sleep(200);
      if (!node.hasEnded()) return node;
      node.kill();
      if (tries === 3) throw new Error(`the Ray node did not start:\n${node.output()}`);
    }
  };
  const stop = async () => {
    for (const node of nodes.splice(0).reverse()) node.kill();
    await sleep(500);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const ports = ['--port', String(gcs), '--dashboard-port', String(dashboard)];
    const head = await start(['--head', ...ports, '--ray-client-server-port', String(client), '--temp-dir', folder]);
    return { url, head, aliveNodes, addNode: () => start(['--address', `127.0.0.1:${gcs}`]), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startNode(python: string, words: string[]) {
  const limits = ['--num-cpus', '1', '--object-store-memory', '80000000'];
  // Any free port: two nodes of one machine would choose the same ones.
  const ports = ['--min-worker-port', '0', '--max-worker-port', '0', '--dashboard-agent-listen-port', '0'];
  const child = spawn(python, ['-m', 'ray.scripts.scripts', 'start', '--block', ...words, ...limits, ...ports], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      RAY_USAGE_STATS_ENABLED: '0',
      RAY_memory_monitor_refresh_ms: '0',

      OMP_NUM_THREADS: '1',
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-8_000);
    });
  }
  return {
    output: () => output,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    // Ray's daemons share the group of the process that started them; workers end with their raylet.
    kill: () => {
      try {
        process.kill(-(child.pid as number), 'SIGKILL');
      } catch {
        // ESRCH: already gone.
      }
    },
  };
}
