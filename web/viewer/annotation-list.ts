import type { AnnotationList, AnnotationMessage } from '@stroma/core/http/annotation';
import { fetchJson } from '../data/fetch-json.ts';

/** All of a slide's annotations, told page by page. */
export async function loadAnnotations(
  slideId: string,
  signal: AbortSignal,
  tell: (annotations: AnnotationMessage[]) => void,
): Promise<void> {
  const all: AnnotationMessage[] = [];
  for (let after: number | null = 0; after !== null && !signal.aborted; ) {
    const page: AnnotationList = await fetchJson(`/api/slides/${slideId}/annotations?limit=2000&after=${after}`, {
      signal,
    });
    all.push(...page.annotations);
    after = page.next;
    if (!signal.aborted) tell([...all]);
  }
}
