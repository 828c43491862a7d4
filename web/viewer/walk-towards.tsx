import type { PredictionMessage } from '@stroma/core/http/slide';
import { useRouter } from 'next/navigation';
import { useCallback } from 'react';
import { useAction } from '../data/use-action.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import classes from './walk.module.css';
import { walkAddress } from './walk-address.ts';
import { mostProbable } from './walk-flip.ts';
import { chooseForWalk } from './walk-pair.ts';
import { askProposal, keepProposal } from './walk-proposal.ts';

/** What tissue change would make this another grade: two crops are proposed, and the walk between them opens. */
export function WalkTowards({ prediction }: { prediction: PredictionMessage }) {
  const router = useRouter();
  const towards = useAction(
    useCallback(
      async (grade: number) => {
        const towards = { predictionId: prediction.id, grade };
        const proposal = await askProposal(towards);
        keepProposal(proposal);
        chooseForWalk('primary', proposal.primary);
        chooseForWalk('secondary', proposal.secondary);
        const pair = { primary: proposal.primary.cropId, secondary: proposal.secondary.cropId };
        router.push(walkAddress(proposal.jobId, pair, { towards }));
      },
      [prediction.id, router],
    ),
  );
  const now = mostProbable(prediction.probabilities);
  return (
    <div className={classes.towards}>
      <span className="soft">{towards.busy ? 'Looking for two crops …' : 'Walk towards'}</span>
      {prediction.classes.map(
        (name, grade) =>
          grade !== now && (
            <button
              key={name}
              type="button"
              className="link"
              disabled={towards.busy}
              onClick={() => void towards.run(grade)}
              data-testid="walk-towards"
            >
              {name}
            </button>
          ),
      )}
      {towards.problem && <ProblemView compact problem={towards.problem} />}
    </div>
  );
}
