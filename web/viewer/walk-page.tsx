'use client';
import { Button } from '@mantine/core';
import type { WalkDetail } from '@stroma/core/http/interpolation';
import { useSearchParams } from 'next/navigation';
import { useRef } from 'react';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Page } from '../parts/page.tsx';
import { useWalkSettings } from './use-walk-settings.ts';
import classes from './walk.module.css';
import { readTowards } from './walk-address.ts';
import { useProposal } from './walk-proposal.ts';
import { WalkView } from './walk-view.tsx';

/** A walk on a page of its own, for a wide screen or a talk. */
export function WalkPage() {
  const query = useSearchParams();
  const screen = useRef<HTMLDivElement>(null);
  const [job, primary, secondary] = ['job', 'primary', 'secondary'].map((name) => query.get(name));
  const detail = useJson<WalkDetail>(
    job && primary && secondary
      ? `/api/jobs/${job}/walk?${new URLSearchParams({ primaryCropId: primary, secondaryCropId: secondary })}`
      : null,
    { revalidateOnFocus: false },
  );
  const proposal = useProposal(readTowards(query), { primary: primary ?? null, secondary: secondary ?? null });
  const { settings, change } = useWalkSettings(query);
  return (
    <Page
      title="Walk"
      about={job && <>Drawn live by the E-LDM of job {job}. Every picture between the two crops is synthetic.</>}
      acts={
        <Button variant="default" onClick={() => void screen.current?.requestFullscreen()}>
          Full screen
        </Button>
      }
    >
      {proposal && (
        <p className={classes.note} data-testid="walk-proposal">
          Towards {proposal.grade}: the primary is the most attended crop of {proposal.primary.slideName} (attention{' '}
          {proposal.attention.toPrecision(2)}); of {proposal.considered.crops} much attended crops of{' '}
          {proposal.considered.slides} slides labelled {proposal.grade}, the secondary is the one that makes it most
          probable. With the real crop in its place the {proposal.calibrated && 'calibrated '}probability goes from{' '}
          {proposal.probability.toFixed(3)} to {proposal.reached.toFixed(3)}
          {proposal.flips ? ', and the grade flips.' : ', and the grade does not flip: one crop is not enough here.'}
        </p>
      )}
      <div ref={screen} className={classes.screen}>
        {job && primary && secondary ? (
          <Answer of={detail} what="walk">
            {(walk) => (
              <WalkView
                key={`${primary} ${secondary}`}
                detail={walk}
                wide
                settings={settings}
                change={change}
                gradedBy={proposal?.encoder ?? null}
              />
            )}
          </Answer>
        ) : (
          <Empty title="No two crops are chosen">
            Open a graded slide, and choose a primary and a secondary crop under Crops, or a grade to walk towards under
            Grade.
          </Empty>
        )}
      </div>
    </Page>
  );
}
