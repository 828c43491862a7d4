'use client';
import { Button } from '@mantine/core';
import type { Preset } from '@stroma/core/contract/run-directory';
import type { CohortDetail } from '@stroma/core/http/cohort';
import type { JobMessage, JobRequest } from '@stroma/core/http/job';
import { selectionLabel } from '@stroma/core/selection-label';
import { magnificationLabel, scaleLabel } from '@stroma/core/units';
import { useRouter } from 'next/navigation';
import { type FormEvent, useCallback, useState } from 'react';
import { useCropCounts } from '../crops/use-crop-counts.ts';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { Choice } from '../parts/choice.tsx';
import { NumberField } from '../parts/number-field.tsx';
import { count, counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './cohorts.module.css';
import { GradingFields } from './grading-fields.tsx';
import { gradingOverrides, presetsGrading } from './grading-overrides.ts';
import { presetChoices, presetMeaning } from './preset-cost.ts';

export function StartJobForm({ cohort }: { cohort: CohortDetail }) {
  const most = [...cohort.crops].sort((a, b) => b.crops - a.crops)[0];
  const [mpp, setMpp] = useState<number | null>(most?.mpp ?? 0.5);
  const [preset, setPreset] = useState<Preset>('tiny');
  const [seed, setSeed] = useState<number | null>(7);
  const [grading, setGrading] = useState(presetsGrading);
  const router = useRouter();
  const start = useAction(
    useCallback(
      async (request: JobRequest) => {
        const { id } = await send<JobMessage>('POST', '/api/jobs', request);
        router.push(`/jobs/${id}`);
      },
      [router],
    ),
  );
  const scale = mpp !== null && mpp >= 0.05 && mpp <= 50 ? mpp : null;
  // The presets' crops: 256 px, side by side.
  const known = cohort.crops.find((one) => one.mpp === scale && one.sizePx === 256 && one.stridePx === 256);
  const counts = useCropCounts(cohort.id, known, cohort.cropSelection);
  const kept = counts.data?.kept ?? null;
  const covered = known !== undefined && known.slides === cohort.slideCount;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (scale === null || seed === null) return;
    void start.run({ cohortId: cohort.id, mpp: scale, preset, seed, ...gradingOverrides(grading) });
  };
  return (
    <form className={classes.startJob} onSubmit={submit}>
      <div className={classes.startFields}>
        <NumberField
          label="Crops at"
          value={mpp}
          onChange={setMpp}
          min={0.05}
          max={50}
          step={0.25}
          decimals={3}
          required
          data-testid="job-mpp"
          rightSection={<span className="soft">µm/px {scale !== null && magnificationLabel(scale)}</span>}
          rightSectionWidth={84}
        />
        <Choice
          label="Preset"
          options={presetChoices}
          value={preset}
          onChange={(value) => value && setPreset(value as Preset)}
          testId="job-preset"
        />
        <NumberField
          label="Seed"
          value={seed}
          onChange={setSeed}
          min={0}
          max={2_147_483_647}
          required
          data-testid="job-seed"
        />
        <Button type="submit" loading={start.busy} disabled={scale === null || seed === null} data-testid="start-job">
          Start training job
        </Button>
      </div>
      <p className={classes.meaning}>
        {presetMeaning(preset, covered ? kept : null)}{' '}
        {scale !== null &&
          (covered
            ? `${counted(kept ?? 0, 'crop')} of ${count(known.crops)} at ${scaleLabel(scale)} are used: ${selectionLabel(cohort.cropSelection)}.`
            : `Crops at ${scaleLabel(scale)} are cut first, for ${counted(cohort.slideCount - (known?.slides ?? 0), 'slide')}.`)}
      </p>
      <GradingFields grading={grading} onChange={setGrading} />
      {start.problem && <ProblemView problem={start.problem} />}
    </form>
  );
}
