import { Button } from '@mantine/core';
import type { WalkDetail } from '@stroma/core/http/interpolation';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { useWalkSettings } from './use-walk-settings.ts';
import classes from './walk.module.css';
import { walkAddress } from './walk-address.ts';
import { WalkEnd } from './walk-end.tsx';
import { chooseForWalk, useWalkPair } from './walk-pair.ts';
import { WalkView } from './walk-view.tsx';

/** The walk beside the slide; its own page is wider. */
export function WalkTab({ jobId }: { jobId: number | null }) {
  const { primary, secondary } = useWalkPair();
  const { settings, change } = useWalkSettings(null);
  const pair = jobId !== null && primary && secondary ? { jobId, primary, secondary } : null;
  const detail = useJson<WalkDetail>(
    pair &&
      `/api/jobs/${pair.jobId}/walk?primaryCropId=${pair.primary.cropId}&secondaryCropId=${pair.secondary.cropId}`,
    { revalidateOnFocus: false },
  );
  if (jobId === null) {
    return <p className="soft">A walk is drawn by a job’s E-LDM: it needs a slide that a finished job has graded.</p>;
  }
  if (!pair) {
    return (
      <div className={classes.top}>
        <WalkEnd end="primary" crop={primary} />
        <WalkEnd end="secondary" crop={secondary} />
      </div>
    );
  }
  return (
    <>
      <div className={classes.acts}>
        <Button
          component={Link}
          variant="default"
          size="compact-sm"
          href={walkAddress(
            pair.jobId,
            { primary: pair.primary.cropId, secondary: pair.secondary.cropId },
            { settings },
          )}
          data-testid="walk-open"
        >
          Open wide
        </Button>
        {(['primary', 'secondary'] as const).map((end) => (
          <button key={end} type="button" className="link" onClick={() => chooseForWalk(end, null)}>
            clear {end}
          </button>
        ))}
      </div>
      <Answer of={detail} what="walk">
        {(walk) => (
          <WalkView
            key={`${walk.primary.cropId} ${walk.secondary.cropId}`}
            detail={walk}
            wide={false}
            settings={settings}
            change={change}
          />
        )}
      </Answer>
    </>
  );
}
