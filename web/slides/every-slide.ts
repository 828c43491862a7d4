import type { SlideList } from '@stroma/core/http/slide';
import { fetchJson } from '../data/fetch-json.ts';

/** Ids of all slides that the query leaves, page after page. */
export async function everySlide(wanted: URLSearchParams): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams(wanted);
    query.set('limit', '500');
    if (cursor) query.set('cursor', cursor);
    const page: SlideList = await fetchJson(`/api/slides?${query}`);
    ids.push(...page.slides.map((slide) => slide.id));
    cursor = page.next;
  }
  return ids;
}
