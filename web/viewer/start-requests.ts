import type { PredictionList } from '@stroma/core/http/slide';
import { preload } from 'swr';
import { fetchJson } from '../data/fetch-json.ts';
import { fetchScores } from '../data/fetch-scores.ts';
import { gradesOf, predictionsAddress, readJob, scoresAddress, shownEncoder } from './slide-grades.ts';
import { defaultHeat, readAddress } from './view-address.ts';

/**
 * Asks at once for all that a slide opens with, instead of one after the other as its parts appear; they find the answers
 * under way. What fails here fails there again, and is told there.
 */
export function startRequests(slideId: string, search: string): void {
  const { heat } = readAddress(search);
  const scores = async () => {
    const { predictions } = await preload(predictionsAddress(slideId), fetchJson<PredictionList>);
    const { of } = gradesOf(predictions, readJob(new URLSearchParams(search)));
    const encoder = shownEncoder(of, heat.encoder ?? defaultHeat.encoder ?? 'gen_dino');
    const prediction = encoder && of[encoder];
    if (prediction) await preload(scoresAddress(prediction), fetchScores);
  };
  const library = import('openseadragon');
  void Promise.allSettled([preload(`/api/slides/${slideId}`, fetchJson), scores(), library]);
}
