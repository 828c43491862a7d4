import type { Problem } from '@stroma/core/errors';
import type { CropDetail } from '@stroma/core/http/crop';
import type { CropList, PredictionMessage, SlideDetail } from '@stroma/core/http/slide';
import { useCallback, useEffect, useState } from 'react';
import { fetchJson } from '../data/fetch-json.ts';
import { problemOf } from '../data/request-failed.ts';
import { type JsonAnswer, useJson } from '../data/use-json.ts';
import type { Choice } from './choice.ts';
import type { Point0 } from './place.ts';
import type { SlideStage } from './slide-stage.ts';

export interface Selection {
  choice: Choice | null;
  choose: (choice: Choice | null) => void;
  /** Of a chosen crop. */
  detail: JsonAnswer<CropDetail>;
  problem: Problem | null;
}

/** Which crops a click finds: those that were graded, else the finest that are cut. */
export function cropsToChoose(slide: SlideDetail, prediction: PredictionMessage | undefined) {
  if (prediction) return { cropSetId: prediction.cropSetId, jobId: prediction.jobId };
  const [finest] = slide.cropSets.filter((set) => set.status === 'ready' && !set.stale);
  return finest ? { cropSetId: finest.id, jobId: undefined } : null;
}

export function useSelection(
  stage: SlideStage | null,
  slide: SlideDetail,
  crops: ReturnType<typeof cropsToChoose>,
  first: Choice | null,
  enabled: boolean,
  onChosen: () => void,
): Selection {
  const [choice, choose] = useState(first);
  const [problem, setProblem] = useState<Problem | null>(null);
  const set = crops?.cropSetId;
  const job = crops?.jobId;

  const click = useCallback(
    async (point: Point0) => {
      setProblem(null);
      const inside = point.x >= 0 && point.y >= 0 && point.x < slide.width0 && point.y < slide.height0;
      if (!inside) return choose(null);
      try {
        const cropId = set === undefined ? null : await cropAt(slide.id, set, job, point);
        choose(cropId === null ? point : { cropId });
        onChosen();
      } catch (error) {
        setProblem(problemOf(error));
      }
    },
    [slide, set, job, onChosen],
  );
  useEffect(() => (enabled ? stage?.onClick((point) => void click(point)) : undefined), [stage, enabled, click]);

  const detail = useJson<CropDetail>(choice && 'cropId' in choice ? `/api/crops/${choice.cropId}` : null, {
    revalidateOnFocus: false,
  });
  return { choice, choose, detail, problem };
}

/** The crop under a point; of several that overlap there, the one whose middle is nearest. */
async function cropAt(slideId: string, cropSetId: number, jobId: number | undefined, { x, y }: Point0) {
  const box = { x0: String(x), y0: String(y), width0: '0.001', height0: '0.001' };
  const query = new URLSearchParams({ cropSetId: String(cropSetId), ...box });
  if (jobId !== undefined) query.set('jobId', String(jobId));
  const { crops, size0X, size0Y } = await fetchJson<CropList>(`/api/slides/${slideId}/crops?${query}`);
  const away = (crop: { x0: number; y0: number }) => Math.hypot(crop.x0 + size0X / 2 - x, crop.y0 + size0Y / 2 - y);
  return crops.sort((a, b) => away(a) - away(b))[0]?.id ?? null;
}
