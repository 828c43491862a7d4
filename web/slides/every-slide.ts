import type { SlideList } from '@stroma/core/http/slide';
import { fetchJson } from '../data/fetch-json.ts';

/** Ids of all slides that a filter leaves, page after page. */
export async function everySlide(filter: Record<string, string | null>): Promise<string[]> {
  const wanted = Object.entries(filter).flatMap(([name, value]) => (value ? [[name, value]] : []));
  const ids: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = new URLSearchParams([...wanted, ['limit', '500'], ...(cursor ? [['cursor', cursor]] : [])]);
    const page: SlideList = await fetchJson(`/api/slides?${query}`);
    ids.push(...page.slides.map((slide) => slide.id));
    cursor = page.next;
  }
  return ids;
}
