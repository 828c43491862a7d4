import { readScores, type Scores } from '@stroma/core/http/scores';
import { fetchAnswer } from './fetch-json.ts';

export async function fetchScores(url: string): Promise<Scores> {
  return readScores(await (await fetchAnswer(url)).arrayBuffer());
}
