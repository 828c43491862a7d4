import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { LaneAnswer, LaneTask, LaneWarm } from './ingest-limit-lane.ts';

const lane = path.join(import.meta.dirname, 'ingest-limit-lane.ts');

export interface Limit {
  cropsPerS: number;
  cpuSecondsPer1000Crops: number;
  tilesPerCrop: number;
}

/** What the codec alone allows on every core at once: the same tiles decoded and crops encoded, in a process a core. */
export async function measureLimit(task: LaneTask): Promise<Limit> {
  const children = Array.from({ length: availableParallelism() }, () =>
    fork(lane, [], { serialization: 'advanced', execArgv: ['--import', 'tsx'] }),
  );
  const warm = (await Promise.all(children.map((child) => answerOf(child, task)))) as LaneWarm[];
  const answers = (await Promise.all(children.map((child) => answerOf(child, 'go')))) as LaneAnswer[];
  const crops = answers.reduce((sum, answer) => sum + answer.crops, 0);
  return {
    cropsPerS: answers.reduce((sum, answer) => sum + answer.crops / answer.seconds, 0),
    cpuSecondsPer1000Crops: (1000 * answers.reduce((sum, answer) => sum + answer.cpuSeconds, 0)) / crops,
    tilesPerCrop: warm[0]?.tilesPerCrop ?? 0,
  };
}

async function answerOf(child: ChildProcess, message: LaneTask | 'go'): Promise<unknown> {
  const answer = once(child, 'message');
  child.send(message);
  return (await answer)[0];
}
