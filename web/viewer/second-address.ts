import type { Encoder } from './slide-grades.ts';
import { type AddressPart, defaultHeat, heatAddress, writeAddress } from './view-address.ts';

/** What the pane beside the slide shows. */
export interface Second {
  slideId: string;
  /** Whose heat map; null: none. */
  encoder: Encoder | null;
}

export function readSecond(query: { get(name: string): string | null }): Second | null {
  const slideId = query.get('with');
  if (!slideId || !/^[\da-f-]{36}$/.test(slideId)) return null;
  const encoder = query.get('heat2');
  return { slideId, encoder: encoder === 'dino' || encoder === 'gen_dino' ? encoder : null };
}

export function secondAddress(second: Second | null): AddressPart {
  return { with: second?.slideId ?? null, heat2: second?.encoder ?? null };
}

/** The way to a slide beside itself: one job’s heat map of DINO at the left, of Gen-DINO at the right. */
export function bothHeatMaps(slideId: string, jobId: number): string {
  const heat = heatAddress({ ...defaultHeat, encoder: 'dino' });
  return `/slides/${slideId}${writeAddress('', { job: String(jobId), ...heat, ...secondAddress({ slideId, encoder: 'gen_dino' }) })}`;
}
