import type { SlideDetail } from '@stroma/core/http/slide';
import { useCallback, useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { readSecond, type Second } from './second-address.ts';
import type { Encoder } from './slide-grades.ts';

export function useSecondSlide(query: { get(name: string): string | null }) {
  const [second, show] = useState<Second | null>(() => readSecond(query));
  const slide = useJson<SlideDetail>(second ? `/api/slides/${second.slideId}` : null);
  const chooseEncoder = useCallback(
    (encoder: Encoder | null) => show((before) => before && { ...before, encoder }),
    [],
  );
  return { second, show, slide, chooseEncoder };
}
