import { cropNumbers } from '@stroma/core/crop-numbers';
import type { CropDetail } from '@stroma/core/http/crop';
import type { SlideDetail } from '@stroma/core/http/slide';
import { numberWord } from '@stroma/core/selection-label';
import { scaleLabel, spacingLabel } from '@stroma/core/units';
import { type ReactNode, useState } from 'react';
import { numberMeaning } from '../crops/crop-words.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { Facts } from '../parts/facts.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import type { SequentialMap } from './colour-maps.ts';
import { PlaceWords, sideWords, weightWords } from './crop-facts.tsx';
import { CropNeighbours } from './crop-neighbours.tsx';
import { CropPicture } from './crop-picture.tsx';
import type { CropWeight } from './crop-weight.ts';
import classes from './inspector.module.css';
import { PatchAttentionSection } from './patch-attention-section.tsx';
import type { Encoder, SlideGrades } from './slide-grades.ts';
import type { Selection } from './use-selection.ts';
import { chooseForWalk, useWalkPair, type WalkCrop } from './walk-pair.ts';

interface Props {
  slide: SlideDetail;
  selection: Selection;
  /** Of the chosen crop, by encoder. */
  weights: Partial<Record<Encoder, CropWeight>>;
  predictions: SlideGrades['of'];
  colours: SequentialMap;
  onGo: (crop: CropDetail) => void;
  /** Null: no job has embedded the slide's crops. */
  onSimilar: ((crop: WalkCrop) => void) | null;
}

/** Everything known of the crop, or the place, that was chosen on the slide. */
export function CropInspector({ slide, selection, weights, predictions, colours, onGo, onSimilar }: Props) {
  // Stays open from one crop to the next.
  const [looking, look] = useState(false);
  const { choice, detail, problem } = selection;
  if (problem) return <ProblemView compact problem={problem} />;
  if (!choice) return null;
  return (
    <section className={classes.inspector} aria-label="Chosen crop" data-testid="crop-inspector">
      <div className={classes.head}>
        <h3>{'cropId' in choice ? `Crop ${choice.cropId}` : 'Place'}</h3>
        <button type="button" className="link" onClick={() => selection.choose(null)} title="Choose nothing (Esc)">
          close
        </button>
      </div>
      {'cropId' in choice ? (
        <Answer of={detail} what="the crop">
          {(crop) => (
            <Crop key={crop.id} {...{ crop, slide, weights, selection, onGo, onSimilar }}>
              <PatchAttentionSection
                {...{ crop, predictions, colours }}
                opened={looking}
                onToggle={() => look(!looking)}
              />
            </Crop>
          )}
        </Answer>
      ) : (
        <>
          <Facts facts={[['Place', <PlaceWords key="place" at={choice} spacing={slide.mpp} />]]} />
          <p className="soft">No crop lies here.</p>
        </>
      )}
    </section>
  );
}

interface CropProps extends Pick<Props, 'slide' | 'selection' | 'weights' | 'onGo' | 'onSimilar'> {
  crop: CropDetail;
  children: ReactNode;
}

function Crop({ crop, slide, weights, selection, onGo, onSimilar, children }: CropProps) {
  const pair = useWalkPair();
  const encoders = (['dino', 'gen_dino'] as const).filter((encoder) => weights[encoder]);
  const middle = { x: crop.x0 + crop.size0X / 2, y: crop.y0 + crop.size0Y / 2 };
  const facts: [string, ReactNode][] = [
    ['Corner', <PlaceWords key="corner" at={{ x: crop.x0, y: crop.y0 }} spacing={slide.mpp} />],
    ['Middle', <PlaceWords key="middle" at={middle} spacing={slide.mpp} />],
    ['Side', sideWords(crop, slide.mpp)],
    ['Scale', crop.effectiveMpp ? spacingLabel(crop.effectiveMpp) : scaleLabel(crop.mpp)],
    ...encoders.map((encoder): [string, ReactNode] => [encoderWord[encoder], weightWords(weights[encoder])]),
    ...cropNumbers.map((number): [string, ReactNode] => {
      const value = crop[number];
      const text = value === null ? 'not measured' : value.toFixed(3);
      return [
        numberWord[number],
        <span key={number} title={numberMeaning[number]}>
          {text}
        </span>,
      ];
    }),
  ];
  return (
    <>
      <CropPicture crop={crop} />
      <Facts facts={facts} />
      <div className={classes.actions}>
        <button type="button" className="link" onClick={() => onGo(crop)}>
          show on the slide
        </button>
        {(['primary', 'secondary'] as const).map((end) => (
          <button
            key={end}
            type="button"
            className="link"
            aria-pressed={pair[end]?.cropId === crop.id}
            onClick={() => chooseForWalk(end, { ...crop, cropId: crop.id })}
          >
            walk: {end}
          </button>
        ))}
        {onSimilar && (
          <button
            type="button"
            className="link"
            onClick={() => onSimilar({ ...crop, cropId: crop.id })}
            data-testid="inspector-similar"
          >
            find similar
          </button>
        )}
        <a href={`/api/crops/${crop.id}/image`} download={`${crop.slideName}_${crop.x0}_${crop.y0}.jpg`}>
          JPEG
        </a>
      </div>
      {children}
      <CropNeighbours crop={crop} onChoose={(cropId) => selection.choose({ cropId })} />
    </>
  );
}
