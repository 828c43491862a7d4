import type { JobDetail, RunMessage, RunStatus, Stage } from '@stroma/core/http/job';
import { stageWord } from './stage-word.ts';

/** The runs of one stage for one encoder: mostly one run, drawn as one node. */
export interface StageNode {
  key: string;
  stage: Stage;
  encoder: RunMessage['encoder'];
  title: string;
  status: RunStatus;
  runs: RunMessage[];
  column: number;
  row: number;
}

export interface StageGraph {
  nodes: StageNode[];
  edges: [from: StageNode, to: StageNode][];
}

/** Columns by the longest way from the crops; the DINO line above, the synthesis and Gen-DINO line below. */
export function stageGraph(job: JobDetail): StageGraph {
  const nodes = new Map<string, StageNode>();
  for (const run of job.runs.filter((one) => one.stage !== 'tile' && one.stage !== 'export')) {
    const key = `${run.stage}-${run.encoder ?? 'none'}`;
    const node = nodes.get(key);
    if (node) node.runs.push(run);
    else
      nodes.set(key, {
        key,
        stage: run.stage,
        encoder: run.encoder,
        title: stageWord[run.stage],
        status: run.status,
        runs: [run],
        column: 0,
        row: 0,
      });
  }
  const nodeOfRun = new Map([...nodes.values()].flatMap((node) => node.runs.map((run) => [run.id, node] as const)));
  const before = (node: StageNode) =>
    [
      ...new Set(
        node.runs
          .flatMap((run) => run.inputs)
          .map((id) => nodeOfRun.get(id))
          .filter((one) => one !== undefined && one !== node),
      ),
    ] as StageNode[];
  const depth = (node: StageNode): number => 1 + Math.max(0, ...before(node).map(depth));

  const tile: StageNode = {
    key: 'tile-none',
    stage: 'tile',
    encoder: null,
    title: stageWord.tile,
    status: tilingStatus(job),
    runs: [],
    column: 0,
    row: 0,
  };
  const taken = new Set<string>();
  for (const node of nodes.values()) {
    node.status = joined(node.runs.map((run) => run.status));
    node.column = depth(node);
    node.row = node.stage === 'train_dino' || (node.encoder === 'dino' && node.stage !== 'train_eldm') ? 0 : 1;
    while (taken.has(`${node.column},${node.row}`)) node.row += 1;
    taken.add(`${node.column},${node.row}`);
  }
  const all = [...nodes.values()];
  const edges = all.flatMap((node): [StageNode, StageNode][] => {
    const inputs = before(node);
    return inputs.length > 0 ? nearest(inputs, before).map((input) => [input, node]) : [[tile, node]];
  });
  return { nodes: [tile, ...all], edges };
}

/** Inputs that are not already inputs of another input: the drawing stays a line where the data are a web. */
function nearest(inputs: StageNode[], before: (node: StageNode) => StageNode[]): StageNode[] {
  const reach = (node: StageNode, wanted: StageNode): boolean =>
    before(node).some((one) => one === wanted || reach(one, wanted));
  return inputs.filter((input) => !inputs.some((other) => other !== input && reach(other, input)));
}

function tilingStatus({ tiling, status }: JobDetail): RunStatus {
  if (tiling.failed > 0) return 'failed';
  if (tiling.done >= tiling.total) return 'succeeded';
  if (status === 'cancelled') return 'cancelled';
  return status === 'queued' && tiling.done === 0 ? 'queued' : 'running';
}

function joined(statuses: RunStatus[]): RunStatus {
  for (const status of ['failed', 'running', 'cancelled'] as const) if (statuses.includes(status)) return status;
  if (statuses.every((status) => status === 'succeeded')) return 'succeeded';
  return statuses.includes('succeeded') ? 'running' : 'queued';
}
