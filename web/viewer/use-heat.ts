import type { Scores } from '@stroma/core/http/scores';
import { useCallback, useMemo, useState } from 'react';
import type { JsonAnswer } from '../data/use-json.ts';
import { heatGrid } from './heat-grid.ts';
import type { HeatShown } from './heat-layer.tsx';
import { type HeatValues, heatValues, mapOf } from './heat-values.ts';
import { type Encoder, shownEncoder } from './slide-grades.ts';
import { type Grades, useScores } from './use-grades.ts';
import type { HeatSettings } from './view-address.ts';

export interface Heat {
  settings: HeatSettings;
  change: (values: Partial<HeatSettings>) => void;
  toggle: () => void;
  /** Whose attention ranks the crops, whether the layer is on or not. */
  encoder: Encoder | null;
  scores: JsonAnswer<Scores>;
  values: HeatValues | null;
  shown: HeatShown | null;
}

export function useHeat(grades: Grades, first: HeatSettings): Heat {
  const [wanted, setWanted] = useState(first);
  const [last, setLast] = useState<Encoder>(first.encoder ?? 'gen_dino');
  const encoder = shownEncoder(grades.of, last);
  const scores = useScores(encoder ? grades.of[encoder] : undefined);
  const evidence = wanted.evidence !== null && scores.data?.evidence[wanted.evidence] ? wanted.evidence : null;
  const settings = useMemo(
    () => ({ ...wanted, encoder: wanted.encoder && encoder, evidence }),
    [wanted, encoder, evidence],
  );

  const grid = useMemo(() => (scores.data ? heatGrid(scores.data) : null), [scores.data]);
  const values = useMemo(() => (scores.data ? heatValues(scores.data, evidence) : null), [scores.data, evidence]);
  const shown = useMemo(() => {
    if (!scores.data || !grid || !values || !settings.encoder) return null;
    const { mode, opacity, threshold, smooth } = settings;
    return {
      predictionId: scores.data.predictionId,
      grid,
      values,
      look: { mode, opacity, threshold, smooth, map: mapOf(settings, values) },
    };
  }, [scores.data, grid, values, settings]);

  const change = useCallback((next: Partial<HeatSettings>) => {
    if (next.encoder) setLast(next.encoder);
    setWanted((before) => ({ ...before, ...next }));
  }, []);
  const toggle = useCallback(
    () => setWanted((before) => ({ ...before, encoder: before.encoder ? null : last })),
    [last],
  );
  return { settings, change, toggle, encoder, scores, values, shown };
}

export const stepOpacity = (opacity: number, step: number) =>
  Math.max(0, Math.min(1, Math.round((opacity + step) * 20) / 20));
