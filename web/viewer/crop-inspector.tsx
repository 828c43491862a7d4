import { cropNumbers } from '@stroma/core/crop-numbers';
import type { CropDetail } from '@stroma/core/http/crop';
import type { SlideDetail } from '@stroma/core/http/slide';
import { type PixelSpacing, scaleLabel, spacingLabel } from '@stroma/core/units';
import type { ReactNode } from 'react';
import { numberMeaning, numberWord } from '../crops/crop-words.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { count, figure } from '../parts/number-label.ts';
import { ProblemView } from '../parts/problem-view.tsx';
import { CropNeighbours } from './crop-neighbours.tsx';
import { CropPicture } from './crop-picture.tsx';
import type { CropWeight } from './crop-weight.ts';
import classes from './inspector.module.css';
import type { Point0 } from './place.ts';
import type { Encoder } from './use-grades.ts';
import type { Selection } from './use-selection.ts';
import { chooseForWalk, useWalkPair } from './walk-pair.ts';

interface Props {
  slide: SlideDetail;
  selection: Selection;
  /** Of the chosen crop, by encoder. */
  weights: Partial<Record<Encoder, CropWeight>>;
  onGo: (crop: CropDetail) => void;
}

/** Everything known of the crop, or the place, that was chosen on the slide. */
export function CropInspector({ slide, selection, weights, onGo }: Props) {
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
          {(crop) => <Crop key={crop.id} {...{ crop, slide, weights, selection, onGo }} />}
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

function Crop({ crop, slide, weights, selection, onGo }: Props & { crop: CropDetail }) {
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
        <a href={`/api/crops/${crop.id}/image`} download={`${crop.slideName}_${crop.x0}_${crop.y0}.jpg`}>
          JPEG
        </a>
      </div>
      <CropNeighbours crop={crop} onChoose={(cropId) => selection.choose({ cropId })} />
    </>
  );
}

function Facts({ facts }: { facts: [string, ReactNode][] }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function PlaceWords({ at: { x, y }, spacing }: { at: Point0; spacing: PixelSpacing | null }) {
  return (
    <>
      {count(Math.round(x))}, {count(Math.round(y))} px
      {spacing && (
        <span className="soft">
          {' '}
          {count(Math.round(x * spacing.x))}, {count(Math.round(y * spacing.y))} µm
        </span>
      )}
    </>
  );
}

function sideWords({ size0X, size0Y }: CropDetail, spacing: PixelSpacing | null): string {
  const px = `${figure(size0X)} × ${figure(size0Y)} px of level 0`;
  return spacing ? `${px}, ${(size0X * spacing.x).toFixed(0)} × ${(size0Y * spacing.y).toFixed(0)} µm` : px;
}

function weightWords(weight: CropWeight | undefined): ReactNode {
  if (!weight) return '–';
  if (weight.rank === null) return 'not among the crops it graded';
  const evidence = weight.evidence.map(({ name, value }) => `${name} ${value > 0 ? '+' : ''}${figure(value)}`);
  return (
    <>
      attention {figure(weight.attention)}, rank {count(weight.rank)} of {count(weight.of)}
      {evidence.length > 0 && <span className="soft">; evidence {evidence.join(', ')}</span>}
    </>
  );
}
