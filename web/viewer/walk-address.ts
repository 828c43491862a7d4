import type { PredictionMessage } from '@stroma/core/http/slide';
import { samplerWord } from './sampler-word.ts';
import type { WalkQuestion } from './walk-drawings.ts';

/** What a person sets of a walk, beside its pair. */
export interface WalkSettings {
  alpha: number;
  replica: number;
  sampler: WalkQuestion['sampler'];
  /** Whose grade is shown; null is the first there is. */
  encoder: PredictionMessage['encoder'] | null;
}

/** The grade that the pair was proposed for, and whose. */
export interface Towards {
  predictionId: number;
  grade: number;
}

export const firstSettings: WalkSettings = { alpha: 0.6, replica: 0, sampler: 'ddim', encoder: null };

/** The page of a walk: the address holds all that is seen there, so that it can be sent on. */
export function walkAddress(
  jobId: number,
  { primary, secondary }: { primary: string; secondary: string },
  { settings = firstSettings, towards }: { settings?: WalkSettings; towards?: Towards } = {},
): string {
  const query = new URLSearchParams({ job: String(jobId), primary, secondary });
  if (towards) query.set('towards', `${towards.predictionId},${towards.grade}`);
  return `/walk${withSettings(query.toString(), settings)}`;
}

interface Query {
  get(name: string): string | null;
}

export function readTowards(query: Query): Towards | null {
  const [predictionId, grade] = (query.get('towards') ?? '').split(',').map(Number);
  if (!Number.isInteger(predictionId) || !Number.isInteger(grade)) return null;
  return { predictionId: predictionId as number, grade: grade as number };
}

/** What cannot be is as if it were not said. */
export function readSettings(query: Query): WalkSettings {
  const sampler = query.get('sampler');
  const encoder = query.get('encoder');
  return {
    alpha: numberIn(query.get('alpha'), 0, 1) ?? firstSettings.alpha,
    replica: Math.round(numberIn(query.get('noise'), 0, 1000) ?? firstSettings.replica),
    sampler:
      sampler && Object.hasOwn(samplerWord, sampler) ? (sampler as WalkSettings['sampler']) : firstSettings.sampler,
    encoder: encoder === 'dino' || encoder === 'gen_dino' ? encoder : null,
  };
}

/** The address with the settings in it; those that are as at first are left out. */
export function withSettings(search: string, { alpha, replica, sampler, encoder }: WalkSettings): string {
  const query = new URLSearchParams(search);
  const set = (name: string, value: string, isFirst: boolean) =>
    isFirst ? query.delete(name) : query.set(name, value);
  set('alpha', alpha.toFixed(2), alpha === firstSettings.alpha);
  set('noise', String(replica), replica === firstSettings.replica);
  set('sampler', sampler, sampler === firstSettings.sampler);
  set('encoder', encoder ?? '', encoder === null);
  return `?${query}`;
}

function numberIn(text: string | null, least: number, most: number): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return value >= least && value <= most ? value : null;
}
