import type { SlideList } from '@stroma/core/http/slide';
import { fetchJson } from '../data/fetch-json.ts';

/** Ids of all slides that the search and the filter leave, page after page. */
export async function everySlide(search: string, only = ''): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams(only);
    query.set('limit', '500');
    if (search) query.set('search', search);
    if (cursor) query.set('cursor', cursor);
    const page: SlideList = await fetchJson(`/api/slides?${query}`);
    ids.push(...page.slides.map((slide) => slide.id));
    cursor = page.next;
  }
  return ids;
}
