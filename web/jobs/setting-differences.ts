import type { JobProvenance } from '@stroma/core/http/provenance';
import { encoderWord, stageWord } from './stage-word.ts';

export interface Difference {
  where: string;
  name: string;
  first: string;
  second: string;
}

/** Settings of the jobs, then of each stage, whose values differ; a stage that one of them has not begun is left out. */
export function settingDifferences(first: JobProvenance, second: JobProvenance): Difference[] {
  const [a, b] = [first, second].map(({ preset, seed, mpp, sizePx, stridePx, cropSelection }) => {
    return { preset, seed, mpp, sizePx, stridePx, cropSelection };
  });
  const found = differences('Job', a ?? {}, b ?? {});
  for (const run of first.runs) {
    const other = second.runs.find((one) => one.stage === run.stage && one.encoder === run.encoder);
    if (!other) continue;
    const where = nameOf(run);
    if (!(run.codeRevision && other.codeRevision)) continue;
    if (run.codeRevision !== other.codeRevision) {
      found.push({ where, name: 'code', first: written(run.codeRevision), second: written(other.codeRevision) });
    }
    const begun = [run, other].every(({ settings }) => Object.keys(settings).length > 0);
    if (begun) found.push(...differences(where, run.settings, other.settings));
  }
  return found;
}

export function nameOf({ stage, encoder }: Pick<JobProvenance['runs'][number], 'stage' | 'encoder'>): string {
  const word = stageWord[stage as keyof typeof stageWord] ?? stage;
  return encoder ? `${word} of ${encoderWord[encoder]}` : word;
}

function differences(where: string, a: Record<string, unknown>, b: Record<string, unknown>, under = ''): Difference[] {
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((key) => {
    const name = under ? `${under}.${key}` : key;
    const [first, second] = [a[key], b[key]];
    if (isRecord(first) && isRecord(second)) return differences(where, first, second, name);
    if (written(first) === written(second)) return [];
    return [{ where, name, first: written(first), second: written(second) }];
  });
}

export function written(value: unknown): string {
  if (value === undefined || value === null) return '–';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
