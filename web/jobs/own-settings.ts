import type { JobMessage, Stage } from '@stroma/core/http/job';
import type { JobProvenance } from '@stroma/core/http/provenance';
import { written } from './setting-differences.ts';
import { stageWord } from './stage-word.ts';

/** In the order of the work; the schema's own list would bring the schema into the page. */
const stages = Object.keys(stageWord) as Stage[];

export interface OwnSetting {
  stage: string;
  name: string;
  value: string;
  /** undefined: not known, because no run of the stage has begun and told it. */
  preset: string | undefined;
}

/** What a job was told to do otherwise than its preset, in the order of the stages. */
export function ownSettings(
  overrides: JobMessage['overrides'],
  runs: readonly Pick<JobProvenance['runs'][number], 'stage' | 'replaced'>[],
): OwnSetting[] {
  return stages.flatMap((stage) => {
    const replaced = runs.find((run) => run.stage === stage && Object.keys(run.replaced).length > 0)?.replaced ?? {};
    return Object.entries(overrides[stage] ?? {}).map(([name, value]) => {
      const preset = Object.hasOwn(replaced, name) ? written(replaced[name]) : undefined;
      return { stage: stageWord[stage], name, value: written(value), preset };
    });
  });
}
