import type { Scores } from '@stroma/core/http/scores';
import { scaleLabel } from '@stroma/core/units';
import type { JsonAnswer } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import { CropTile, type RankedCrop } from './crop-tile.tsx';
import classes from './panel.module.css';
import type { Encoder } from './use-grades.ts';
import { useWalkPair } from './walk-pair.ts';

const shown = { most: 12, least: 6 };

interface Props {
  encoder: Encoder | null;
  scores: JsonAnswer<Scores>;
  ranked: RankedCrop[] | null;
  onPoint: (crop: RankedCrop | null) => void;
  onGo: (crop: RankedCrop) => void;
}

/** The crops that weigh most in the grade, and those that weigh least. */
export function CropsTab({ encoder, scores, ranked, onPoint, onGo }: Props) {
  const pair = useWalkPair();
  if (!encoder) return <p className="soft">Crops are ranked by attention once the slide has been graded.</p>;
  return (
    <Answer of={scores} what="crops">
      {({ mpp, sizePx }) => {
        if (!ranked) return <p className="soft">Reading the attention…</p>;
        const most = ranked.slice(0, shown.most);
        const least = ranked.slice(Math.max(most.length, ranked.length - shown.least)).reverse();
        const tile = (testId: string) => (crop: RankedCrop) => (
          <CropTile
            key={crop.cropId}
            crop={crop}
            of={ranked.length}
            pair={pair}
            testId={testId}
            onPoint={onPoint}
            onGo={onGo}
          />
        );
        return (
          <>
            <p className={classes.note}>
              {counted(ranked.length, 'crop')} of {sizePx} px at {scaleLabel(mpp)}, by the attention of{' '}
              {encoderWord[encoder]}. Under each: its attention.
            </p>
            <h3>Most attended</h3>
            <ul className={classes.crops}>{most.map(tile('most-attended'))}</ul>
            {least.length > 0 && (
              <>
                <h3>Least attended</h3>
                <ul className={classes.crops}>{least.map(tile('least-attended'))}</ul>
              </>
            )}
          </>
        );
      }}
    </Answer>
  );
}
