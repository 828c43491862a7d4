import type { JobRequest, Stage } from '@stroma/core/http/job';
import { rerunStages } from '@stroma/core/rerun-stages';
import type { JobStep } from '@stroma/db/jobs';

/** Stages that a request may override keys of. */
export const jobStages = ['train_dino', ...rerunStages] as const satisfies readonly Stage[];

/**
 * The graph of a training job. Both encoders are embedded, graded and predicted alike, on the same folds; only their
 * crops differ: Gen-DINO also saw synthetic ones. The last stage judges both and the synthetic crops, crop by crop.
 */
export function jobGraph(request: JobRequest, tileRunIds: number[]): JobStep[] {
  const config = (stage: Stage) => ({
    preset: request.preset,
    overrides: request.overrides?.[stage] ?? {},
    cohortId: request.cohortId,
    mpp: request.mpp,
  });
  const step = (key: string, stage: Stage, inputs: JobStep['inputs']): JobStep => ({
    key,
    stage,
    config: config(stage),
    inputs,
  });
  const evaluation = (encoder: 'dino' | 'gen_dino', trained: string): JobStep[] => [
    { ...step(`embed ${encoder}`, 'embed', [{ role: 'encoder', step: trained }]), encoder },
    { ...step(`abmil ${encoder}`, 'train_abmil', [{ role: 'embeddings', step: `embed ${encoder}` }]), encoder },
    {
      ...step(`predict ${encoder}`, 'predict', [
        { role: 'abmil', step: `abmil ${encoder}` },
        { role: 'embeddings', step: `embed ${encoder}` },
      ]),
      encoder,
    },
  ];
  return [
    step('dino', 'train_dino', [{ role: 'crops', runIds: tileRunIds }]),
    ...evaluation('dino', 'dino'),
    step('eldm', 'train_eldm', [{ role: 'encoder', step: 'dino' }]),
    step('synthesize', 'synthesize', [
      { role: 'eldm', step: 'eldm' },
      { role: 'encoder', step: 'dino' },
    ]),
    step('gen_dino', 'train_gen_dino', [{ role: 'synthetic', step: 'synthesize' }]),
    ...evaluation('gen_dino', 'gen_dino'),
    step('evaluate', 'evaluate', [
      { role: 'encoder', step: 'dino' },
      { role: 'gen_encoder', step: 'gen_dino' },
      { role: 'synthetic', step: 'synthesize' },
      { role: 'eldm', step: 'eldm' },
    ]),
  ];
}
