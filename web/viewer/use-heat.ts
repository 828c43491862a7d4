import type { AttentionMessage } from '@stroma/core/http/slide';
import { useCallback, useMemo, useState } from 'react';
import type { JsonAnswer } from '../data/use-json.ts';
import { type HeatPicture, heatPicture } from './heat-picture.ts';
import { type HeatValues, heatValues } from './heat-values.ts';
import { type Encoder, type Grades, useAttention } from './use-grades.ts';
import type { HeatSettings } from './view-address.ts';

export interface Heat {
  settings: HeatSettings;
  change: (values: Partial<HeatSettings>) => void;
  toggle: () => void;
  /** Whose attention ranks the crops, whether the layer is on or not. */
  encoder: Encoder | null;
  attention: JsonAnswer<AttentionMessage>;
  values: HeatValues | null;
  picture: HeatPicture | null;
}

export function useHeat(grades: Grades, first: HeatSettings): Heat {
  const [wanted, setWanted] = useState(first);
  const [last, setLast] = useState<Encoder>(first.encoder ?? 'gen_dino');
  const has = (encoder: Encoder | null) => (encoder && grades.of[encoder] ? encoder : null);
  const encoder = has(last) ?? has('gen_dino') ?? has('dino');
  const settings = useMemo(() => ({ ...wanted, encoder: wanted.encoder && encoder }), [wanted, encoder]);

  const attention = useAttention(encoder ? grades.of[encoder] : undefined);
  const values = useMemo(
    () => (attention.data ? heatValues(attention.data, settings.mode) : null),
    [attention.data, settings.mode],
  );
  const picture = useMemo(
    () =>
      attention.data && values && settings.encoder ? heatPicture(attention.data, values, settings.threshold) : null,
    [attention.data, values, settings.encoder, settings.threshold],
  );

  const change = useCallback((next: Partial<HeatSettings>) => {
    if (next.encoder) setLast(next.encoder);
    setWanted((before) => ({ ...before, ...next }));
  }, []);
  const toggle = useCallback(
    () => setWanted((before) => ({ ...before, encoder: before.encoder ? null : last })),
    [last],
  );
  return { settings, change, toggle, encoder, attention, values, picture };
}

export const stepOpacity = (opacity: number, step: number) =>
  Math.max(0, Math.min(1, Math.round((opacity + step) * 20) / 20));
