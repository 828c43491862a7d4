import type { SearchedPlace } from '@stroma/core/http/similar-crops';
import { useSyncExternalStore } from 'react';
import type { Encoder } from './slide-grades.ts';

/** Where the crops that are compared may lie, seen from what was asked with. */
export type Where = 'anywhere' | 'other-slides' | 'other-patients' | 'same-slide';

/** What similar crops are looked for of; it may lie on another slide than the one on screen. */
export interface SimilarSearch {
  jobId: number;
  encoder: Encoder;
  of: SearchedPlace;
  slideId: string;
  slideName: string;
  where: Where;
  /** Class names; with `unlabelled` also slides without one. Neither: every slide. */
  labels: string[];
  unlabelled: boolean;
  /** The same of sites. */
  sites: string[];
  unnamedSite: boolean;
}

/** The filter that a search begins with. */
export const everywhere = {
  where: 'anywhere' as Where,
  labels: [] as string[],
  unlabelled: false,
  sites: [] as string[],
  unnamedSite: false,
};

/** Begins with a crop, anywhere in the job's cohort. */
export function searchLike(
  { jobId, encoder }: Pick<SimilarSearch, 'jobId' | 'encoder'>,
  { cropId, slideId, slideName }: { cropId: string; slideId: string; slideName: string },
) {
  searchSimilar({ jobId, encoder, of: { cropId }, slideId, slideName, ...everywhere });
}

const key = 'stroma.similar';
let search: SimilarSearch | null | undefined;
const listeners = new Set<() => void>();

/** Kept for the browser tab, so that what was found can be visited slide after slide. */
export function useSimilarSearch(): SimilarSearch | null {
  return useSyncExternalStore(subscribe, read, () => null);
}

export function searchSimilar(next: SimilarSearch | null) {
  search = next;
  sessionStorage.setItem(key, JSON.stringify(next));
  for (const listener of listeners) listener();
}

function read(): SimilarSearch | null {
  if (search !== undefined) return search;
  try {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? 'null') as SimilarSearch | null;
    search = kept && { ...everywhere, ...kept };
  } catch {
    search = null;
  }
  return search;
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
