import type { ExportMessage } from '@stroma/core/http/export';
import type { JobDetail, RunMessage } from '@stroma/core/http/job';
import type { Peak } from '../process/peak-memory.ts';
import { secondsOf, stageName } from './follow-job.ts';

type Span = [first: number, last: number];

export interface Summary {
  slides: number;
  crops: number;
  shards: number;
  stages: { name: string; seconds: number; status: string }[];
  losses: Record<'dino' | 'eldm' | 'genDino', Span | null>;
  metrics: Record<'dino' | 'genDino', Record<string, unknown>>;
  parity: Record<'encoder' | 'abmil' | 'unet' | 'decoder', number | null>;
  exports: { encoder: string; layout: string; bytes: number; sha256: string; slides: number; crops: number }[];
  peakRssMb: number;
  detail: Record<string, unknown>;
}

export interface SummaryParts {
  slides: number;
  job: JobDetail;
  exports: ExportMessage[];
  peak: Peak;
  /** From the request for the job to its end, and of the whole command without set-up. */
  seconds: { job: number; total: number };
}

export function summarise({ slides, job, exports, peak, seconds }: SummaryParts): Summary {
  const run = (stage: RunMessage['stage'], encoder?: string) =>
    job.runs.find((each) => each.stage === stage && (!encoder || each.encoder === encoder));
  const parity = parities(job.runs);
  return {
    slides,
    crops: job.tiling.crops,
    shards: job.tiling.shards,
    stages: job.runs.map((each) => ({ name: stageName(each), seconds: secondsOf(each), status: each.status })),
    losses: {
      dino: loss(run('train_dino'), 'loss'),
      eldm: loss(run('train_eldm'), 'eps_mse'),
      genDino: loss(run('train_gen_dino'), 'loss'),
    },
    metrics: { dino: metrics(run('train_abmil', 'dino')), genDino: metrics(run('train_abmil', 'gen_dino')) },
    parity: {
      encoder: largest(parity, /^encoder/),
      abmil: largest(parity, /^abmil/),
      unet: largest(parity, /^unet/),
      decoder: largest(parity, /^decoder/),
    },
    exports: exports.map((one) => ({
      encoder: one.encoder,
      layout: one.layout,
      bytes: one.bytes ?? 0,
      sha256: one.sha256 ?? '',
      slides: one.slideCount ?? 0,
      crops: one.cropCount ?? 0,
    })),
    peakRssMb: peak.megabytes,
    detail: { peakProgram: peak.program, preset: job.preset, mpp: job.mpp, seed: job.seed, jobId: job.id, seconds },
  };
}

function loss(run: RunMessage | undefined, name: string): Span | null {
  const losses = (run?.result?.losses ?? {}) as Record<string, Span>;
  return losses[name] ?? Object.values(losses)[0] ?? null;
}

const wanted = ['balanced_accuracy', 'macro_f1', 'macro_auc', 'kappa'] as const;

function metrics(run: RunMessage | undefined): Record<string, unknown> {
  const found = (run?.result?.metrics ?? {}) as Record<string, unknown>;
  const ci = (found.ci ?? {}) as Record<string, unknown>;
  return {
    ...Object.fromEntries(wanted.map((name) => [camel(name), found[name] ?? null])),
    ci: Object.fromEntries(wanted.map((name) => [camel(name), ci[name] ?? null])),
  };
}

/** The largest absolute difference between PyTorch and ONNX over all runs, by model. */
function parities(runs: readonly RunMessage[]): [name: string, difference: number][] {
  return runs.flatMap((run) => Object.entries((run.result?.parity ?? {}) as Record<string, number>));
}

function largest(parity: readonly [string, number][], name: RegExp): number | null {
  const values = parity.filter(([model]) => name.test(model)).map(([, difference]) => difference);
  return values.length ? Math.max(...values) : null;
}

function camel(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
