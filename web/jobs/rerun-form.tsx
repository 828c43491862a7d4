'use client';
import { Button, Textarea } from '@mantine/core';
import type { JobDetail, JobMessage, RerunRequest } from '@stroma/core/http/job';
import { useRouter } from 'next/navigation';
import { useCallback, useState } from 'react';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { runsFrom } from './runs-from.ts';
import { readSettingLines } from './setting-lines.ts';
import { encoderWord, stageWord } from './stage-word.ts';

interface Props {
  job: JobDetail;
  stage: RerunRequest['from'];
  onCancel: () => void;
}

/** What a new job from this stage on takes over and does anew, and by which other settings. */
export function RerunForm({ job, stage, onCancel }: Props) {
  const [text, setText] = useState('');
  const router = useRouter();
  const rerun = useAction(
    useCallback(
      async (request: RerunRequest) => {
        const { id } = await send<JobMessage>('POST', `/api/jobs/${job.id}/reruns`, request);
        router.push(`/jobs/${id}`);
      },
      [job.id, router],
    ),
  );
  const { settings, wrong } = readSettingLines(text);
  const again = runsFrom(job.runs, stage);
  const names = (runs: JobDetail['runs']) =>
    runs.map((run) => `${stageWord[run.stage]}${run.encoder ? ` (${encoderWord[run.encoder]})` : ''}`).join(', ');
  const start = () => {
    const overrides = Object.keys(settings).length > 0 ? { overrides: { [stage]: settings } } : {};
    void rerun.run({ from: stage, ...overrides });
  };
  const example = examples[stage];
  return (
    <>
      <ul style={{ margin: '0 0 16px', paddingLeft: 18 }}>
        <li>
          Taken over from job {job.id}: {names(job.runs.filter((run) => !again.includes(run)))}.
        </li>
        <li>Done anew: {names(again)}.</li>
        <li>Job {job.id} stays as it is.</li>
      </ul>
      {example && (
        <Textarea
          label={`Settings of ${stageWord[stage]} that differ, one a line`}
          description={`As ${example}`}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={wrong === null ? undefined : `“${wrong}” is no setting: expected key = number, true, "text" or [list]`}
          rows={4}
          data-testid="rerun-settings"
        />
      )}
      {rerun.problem && <ProblemView compact problem={rerun.problem} />}
      <div style={{ display: 'flex', justifyContent: 'flex-end', gap: 8, marginTop: 12 }}>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button loading={rerun.busy} disabled={wrong !== null} onClick={start} data-testid="confirm-rerun">
          Start the new job
        </Button>
      </div>
    </>
  );
}

/** Of the stages that have settings. */
const examples: Partial<Record<Props['stage'], string>> = {
  train_eldm: 'prediction = "v"',
  synthesize: 'guidance_scale = 3.0',
  train_gen_dino: 'disentangle_weight = 0.0',
  train_abmil: 'gated = true, or seeds = 5',
  evaluate: 'walk_pairs = 12',
};
