'use client';
import { Button } from '@mantine/core';
import { counted } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './scale.module.css';
import type { useChooseScale } from './use-choose-scale.ts';

/** What a choice of scale would make stale, by number, before it is made. */
export function ScaleConsequences({ of }: { of: ReturnType<typeof useChooseScale> }) {
  const problem = of.ask.problem ?? of.confirm.problem;
  return (
    <>
      {of.pending && (
        <div className={classes.consequences} role="alertdialog" aria-label="What this changes">
          {of.pending.report.without > 0 && (
            <p>
              {counted(of.pending.report.without, 'slide')} {of.pending.report.without === 1 ? 'stays' : 'stay'} as{' '}
              {of.pending.report.without === 1 ? 'it is' : 'they are'}: the file makes no such statement.
            </p>
          )}
          {of.pending.report.stale.cropSets > 0 && <p>{staleSentence(of.pending.report.stale)}</p>}
          <Button
            size="compact-sm"
            disabled={of.pending.report.slides === 0}
            loading={of.confirm.busy}
            onClick={() => of.pending && void of.confirm.run(of.pending.request)}
          >
            Set the scale of {counted(of.pending.report.slides, 'slide')}
          </Button>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={of.dismiss}>
            Leave it
          </Button>
        </div>
      )}
      {problem && <ProblemView compact problem={problem} />}
    </>
  );
}

function staleSentence(stale: { [what: string]: number }): string {
  const made = [
    `${counted(stale.cropSets ?? 0, 'crop set')} with ${counted(stale.crops ?? 0, 'crop')}`,
    ...(stale.embeddingSets ? [counted(stale.embeddingSets, 'embedding set')] : []),
    ...(stale.predictions ? [counted(stale.predictions, 'grade')] : []),
  ];
  return `Made at the scale that counts now, and stale afterwards: ${made.join(', ')}. Nothing is deleted; crops are cut again when they are asked for.`;
}
