import type { Scores } from '@stroma/core/http/scores';
import type { SlideDetail } from '@stroma/core/http/slide';
import { scaleLabel } from '@stroma/core/units';
import type { JsonAnswer } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import { CropTile } from './crop-tile.tsx';
import type { Mark } from './mark-layer.tsx';
import classes from './panel.module.css';
import { endsOf, type RankedCrop, type RankedCrops } from './ranked-crops.ts';
import { SimilarCrops } from './similar-crops.tsx';
import { everywhere, searchSimilar, useSimilarSearch } from './similar-search.ts';
import { SimilarStart } from './similar-start.tsx';
import type { Encoder } from './slide-grades.ts';
import type { SlideStage } from './slide-stage.ts';

const shown = { most: 12, least: 6 };

interface Props {
  slide: Pick<SlideDetail, 'id' | 'name'>;
  stage: SlideStage | null;
  jobId: number | null;
  encoder: Encoder | null;
  scores: JsonAnswer<Scores>;
  ranked: RankedCrops | null;
  onPoint: (crop: Mark | null) => void;
  onGo: (crop: Mark) => void;
  /** An attended crop is chosen, too. */
  onVisit: (crop: RankedCrop) => void;
}

/** The crops that weigh most in the grade and those that weigh least; above them, crops similar to one of them. */
export function CropsTab(props: Props) {
  const { slide, stage, jobId, encoder, onPoint, onGo } = props;
  const search = useSimilarSearch();
  return (
    <>
      {search && <SimilarCrops search={search} slideId={slide.id} onPoint={onPoint} onGo={onGo} />}
      {encoder && jobId !== null && <SimilarStart slide={slide} stage={stage} jobId={jobId} encoder={encoder} />}
      <AttendedCrops {...props} />
    </>
  );
}

function AttendedCrops({ slide, jobId, encoder, scores, ranked, onPoint, onVisit }: Props) {
  if (!encoder || jobId === null) {
    return <p className="soft">Crops are ranked by attention once the slide has been graded.</p>;
  }
  const findSimilar = ({ cropId }: RankedCrop) =>
    searchSimilar({ jobId, encoder, of: { cropId }, slideId: slide.id, slideName: slide.name, ...everywhere });
  return (
    <Answer of={scores} what="crops">
      {({ mpp, sizePx }) => {
        if (!ranked) return <p className="soft">Reading the attention…</p>;
        const [most, least] = endsOf(ranked, shown.most, shown.least);
        const tile = (testId: string) => (crop: RankedCrop) => (
          <CropTile
            key={crop.cropId}
            crop={crop}
            of={ranked.count}
            testId={testId}
            onPoint={onPoint}
            onGo={onVisit}
            onSimilar={findSimilar}
          />
        );
        return (
          <>
            <p className={classes.note}>
              {counted(ranked.count, 'crop')} of {sizePx} px at {scaleLabel(mpp)}, by the attention of{' '}
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
