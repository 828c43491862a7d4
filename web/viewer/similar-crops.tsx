import type { SimilarCrop, SimilarCropsAnswer } from '@stroma/core/http/similar-crops';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import type { Mark } from './mark-layer.tsx';
import panel from './panel.module.css';
import classes from './similar.module.css';
import { SimilarFilters } from './similar-filters.tsx';
import { type SimilarSearch, searchSimilar } from './similar-search.ts';
import { SimilarTile } from './similar-tile.tsx';
import { useSimilarCrops } from './use-similar-crops.ts';

interface Props {
  search: SimilarSearch;
  slideId: string;
  onPoint: (crop: Mark | null) => void;
  onGo: (crop: SimilarCrop) => void;
}

/** The nearest crops of the cohort to a crop or a rectangle, as a gallery. */
export function SimilarCrops({ search, slideId, onPoint, onGo }: Props) {
  const answer = useSimilarCrops(search);
  /** From what was found to what is similar to it, through the same filters. */
  const walkOn = ({ cropId, slideId: on, slideName }: SimilarCrop) =>
    searchSimilar({ ...search, of: { cropId }, slideId: on, slideName });
  return (
    <section aria-label="Similar crops" className={classes.similar} data-testid="similar-crops">
      <div className={classes.head}>
        <h3>Similar crops</h3>
        <button type="button" className="link" onClick={() => searchSimilar(null)}>
          close
        </button>
      </div>
      <div className={classes.asked}>
        {'cropId' in search.of && (
          // biome-ignore lint/performance/noImgElement: 256 px as stored
          <img src={`/api/crops/${search.of.cropId}/image`} alt="The crop that is asked with" />
        )}
        <p className={panel.note}>
          {'cropId' in search.of
            ? 'To this crop'
            : `To the mean of ${answer.data ? counted(answer.data.askedWith, 'crop') : 'the crops'} in the rectangle`}{' '}
          of {search.slideName}, by the embeddings of {encoderWord[search.encoder]}, job {search.jobId}.
        </p>
      </div>
      <SimilarFilters
        search={search}
        labels={answer.data?.classes ?? search.labels}
        sites={answer.data?.sites ?? search.sites}
      />
      <Answer of={answer} what="the crops of the cohort">
        {(found) => (
          <>
            {found.crops.length === 0 && <p className="soft">No crop of the cohort passes these filters.</p>}
            <ul className={panel.crops}>
              {found.crops.map((crop) => (
                <SimilarTile
                  key={crop.cropId}
                  crop={crop}
                  jobId={search.jobId}
                  here={crop.slideId === slideId}
                  onPoint={onPoint}
                  onGo={onGo}
                  onSimilar={walkOn}
                />
              ))}
            </ul>
            <p className={panel.note}>{comparedWords(found)}</p>
          </>
        )}
      </Answer>
    </section>
  );
}

function comparedWords({ compared, exact, seconds }: SimilarCropsAnswer): string {
  const how = exact ? 'each compared' : 'found by an index, which may miss a few';
  return `Of ${counted(compared, 'crop')}, ${how}, in ${seconds.toFixed(2)} s. Under each: the cosine of the embeddings.`;
}
