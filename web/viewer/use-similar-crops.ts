import type { CropFilter, SimilarCropsAnswer, SimilarCropsRequest } from '@stroma/core/http/similar-crops';
import useSWR from 'swr';
import { send } from '../data/fetch-json.ts';
import type { RequestFailed } from '../data/request-failed.ts';
import type { JsonAnswer } from '../data/use-json.ts';
import type { SimilarSearch } from './similar-search.ts';

/** The answer to a search; the same search is not asked twice. */
export function useSimilarCrops(search: SimilarSearch): JsonAnswer<SimilarCropsAnswer> {
  const { jobId, encoder, of } = search;
  const body: SimilarCropsRequest = { encoder, of, filter: filterOf(search) };
  const url = `/api/jobs/${jobId}/similar-crops`;
  return useSWR<SimilarCropsAnswer, RequestFailed>(
    [url, JSON.stringify(body)],
    () => send<SimilarCropsAnswer>('POST', url, body),
    { revalidateOnFocus: false, revalidateIfStale: false, shouldRetryOnError: false },
  );
}

function filterOf({ where, labels, unlabelled, sites, unnamedSite, slideId }: SimilarSearch): CropFilter {
  return {
    ...(where === 'same-slide' ? { slideIds: [slideId] } : {}),
    ...(where === 'other-slides' ? { except: 'slide' as const } : {}),
    ...(where === 'other-patients' ? { except: 'patient' as const } : {}),
    ...(labels.length > 0 ? { labels } : {}),
    ...(unlabelled ? { unlabelled } : {}),
    ...(sites.length > 0 ? { sites } : {}),
    ...(unnamedSite ? { unnamedSite } : {}),
  };
}
