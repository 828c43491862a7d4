import type { Scores } from '@stroma/core/http/scores';
import { readScores } from '@stroma/core/scores-bytes';
import { fetchAnswer } from './fetch-json.ts';

export async function fetchScores(url: string): Promise<Scores> {
  return readScores(await (await fetchAnswer(url)).arrayBuffer());
}
