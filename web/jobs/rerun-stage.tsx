'use client';
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { JobDetail, RerunRequest, Stage } from '@stroma/core/http/job';
import { rerunStages } from '@stroma/core/rerun-stages';
import dynamic from 'next/dynamic';
import { Dialog } from '../parts/dialog.tsx';
import { stageWord } from './stage-word.ts';

const RerunForm = dynamic(() => import('./rerun-form.tsx').then((module) => module.RerunForm), { ssr: false });

export const canRerun = (stage: Stage): stage is RerunRequest['from'] =>
  (rerunStages as readonly Stage[]).includes(stage);

/** The way to a new job from this stage on. */
export function RerunStage({ job, stage }: { job: JobDetail; stage: RerunRequest['from'] }) {
  const [opened, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" size="compact-sm" onClick={open} data-testid="rerun">
        Run again from here…
      </Button>
      <Dialog opened={opened} onClose={close} title={`A new job from ${stageWord[stage]} on`} centered>
        <RerunForm job={job} stage={stage} onCancel={close} />
      </Dialog>
    </>
  );
}
