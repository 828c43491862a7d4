import { Button } from '@mantine/core';
import type { Me } from '@stroma/core/http/account';
import type { ModelDetail } from '@stroma/core/http/model';
import { scaleLabel } from '@stroma/core/units';
import { useCallback } from 'react';
import { send } from '../data/fetch-json.ts';
import { useAction } from '../data/use-action.ts';
import { useJson } from '../data/use-json.ts';
import { Link } from '../parts/link.tsx';
import { Moment } from '../parts/moment.tsx';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { State } from '../parts/state.tsx';
import classes from './models.module.css';

/** Whether new slides are graded by this model as they arrive, and what came of it. */
export function ActiveSwitch({ model, onChange }: { model: ModelDetail; onChange: (model: ModelDetail) => void }) {
  const me = useJson<Me>('/api/me');
  const { runId, active, gradings } = model;
  const turn = useAction(
    useCallback(async () => {
      onChange(await send<ModelDetail>('POST', `/api/models/${runId}/${active ? 'deactivate' : 'activate'}`));
    }, [runId, active, onChange]),
  );
  const mayTurn = me.data?.role === 'admin';
  return (
    <section
      className={classes.active}
      data-active={active !== null}
      data-testid="active-model"
      aria-label="New slides"
    >
      <div>
        {active ? (
          <p>
            <State name="ready" text="Active" /> New slides are cut at {scaleLabel(model.mpp)}, embedded and graded as
            they arrive. Turned on <Moment at={active.since} />
            {active.by && ` by ${active.by}`}.
          </p>
        ) : (
          <p>
            Not active. When it is, each new slide with a known scale is cut at {scaleLabel(model.mpp)}, embedded and
            graded by all {counted(model.networks, 'network')}. Nothing is trained on it. Another active model of this
            cohort at this scale is turned off.
          </p>
        )}
        <p className="soft">
          {counted(gradings.graded, 'new slide')} graded, {gradings.open} waiting or under way, {gradings.failed} failed
          {(gradings.graded > 0 || gradings.failed > 0) && (
            <>
              {' '}
              (on <Link href="/slides">Slides</Link>)
            </>
          )}
          .{me.data && !mayTurn && ' Only an admin may change this.'}
        </p>
        {turn.problem && <ProblemView compact problem={turn.problem} onRetry={() => void turn.run()} />}
      </div>
      <Button
        variant={active ? 'default' : 'filled'}
        loading={turn.busy}
        disabled={!mayTurn}
        onClick={() => void turn.run()}
        data-testid="turn-active"
      >
        {active ? 'Turn off' : 'Make active'}
      </Button>
    </section>
  );
}
