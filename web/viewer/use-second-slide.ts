import type { SlideDetail } from '@stroma/core/http/slide';
import { useCallback, useState } from 'react';
import { useJson } from '../data/use-json.ts';
import type { Encoder } from './use-grades.ts';
import type { AddressPart } from './view-address.ts';

/** What the pane beside the slide shows. */
export interface Second {
  slideId: string;
  /** Whose heat map; null: none. */
  encoder: Encoder | null;
}

export function useSecondSlide(query: { get(name: string): string | null }) {
  const [second, show] = useState<Second | null>(() => readSecond(query));
  const slide = useJson<SlideDetail>(second ? `/api/slides/${second.slideId}` : null);
  const chooseEncoder = useCallback(
    (encoder: Encoder | null) => show((before) => before && { ...before, encoder }),
    [],
  );
  return { second, show, slide, chooseEncoder };
}

function readSecond(query: { get(name: string): string | null }): Second | null {
  const slideId = query.get('with');
  if (!slideId || !/^[\da-f-]{36}$/.test(slideId)) return null;
  const encoder = query.get('heat2');
  return { slideId, encoder: encoder === 'dino' || encoder === 'gen_dino' ? encoder : null };
}

export function secondAddress(second: Second | null): AddressPart {
  return { with: second?.slideId ?? null, heat2: second?.encoder ?? null };
}
