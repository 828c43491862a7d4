import type { CropSelection } from '@stroma/core/contract/crop-selection';
import type { CropGrid } from '@stroma/core/crop-grid';
import type { CropCounts } from '@stroma/core/http/cohort';
import useSWR from 'swr';
import { send } from '../data/fetch-json.ts';
import type { RequestFailed } from '../data/request-failed.ts';
import type { JsonAnswer } from '../data/use-json.ts';

/** How many crops a selection keeps, by slide; the last answer stays while the next is counted. */
export function useCropCounts(
  cohortId: number,
  grid: (CropGrid & { mpp: number }) | undefined,
  selection: CropSelection,
): JsonAnswer<CropCounts> {
  const body = grid && { mpp: grid.mpp, sizePx: grid.sizePx, stridePx: grid.stridePx, selection };
  return useSWR<CropCounts, RequestFailed>(
    body ? [`/api/cohorts/${cohortId}/crop-counts`, JSON.stringify(body)] : null,
    ([url, text]: [string, string]) => send<CropCounts>('POST', url, JSON.parse(text)),
    { keepPreviousData: true, revalidateOnFocus: false },
  );
}
