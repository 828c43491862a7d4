import { SegmentedControl, Slider } from '@mantine/core';
import type { CropDetail } from '@stroma/core/http/crop';
import type { PatchAttention as Looked } from '@stroma/core/http/patch-attention';
import { useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { encoderWord } from '../jobs/stage-word.ts';
import { Answer } from '../parts/answer.tsx';
import { percent } from '../parts/number-label.ts';
import { colourGradient, type SequentialMap } from './colour-maps.ts';
import classes from './patch-attention.module.css';
import { PatchMapPicture } from './patch-map-picture.tsx';
import { type PatchMap, patchMaps } from './patch-maps.ts';
import type { Encoder, SlideGrades } from './slide-grades.ts';

interface Props {
  crop: Pick<CropDetail, 'id' | 'sizePx'>;
  predictions: SlideGrades['of'];
  colours: SequentialMap;
}

/** Where the encoder behind a grade looks in the crop, head by head. */
export function PatchAttention({ crop, predictions, colours }: Props) {
  const encoders = (['gen_dino', 'dino'] as const).filter((encoder) => predictions[encoder]);
  const [wanted, setWanted] = useState<Encoder>('gen_dino');
  const encoder = encoders.find((one) => one === wanted) ?? encoders[0];
  const prediction = encoder && predictions[encoder];
  const address = prediction ? `/api/predictions/${prediction.id}/crops/${crop.id}/patch-attention` : null;
  const answer = useJson<Looked>(address, { revalidateOnFocus: false });
  if (!encoder) return <p className="soft">The slide has no grade yet, so there is no encoder to ask.</p>;
  return (
    <>
      {encoders.length > 1 && (
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Encoder whose attention is shown"
          value={encoder}
          data={encoders.map((one) => ({ value: one, label: encoderWord[one] }))}
          onChange={(value) => setWanted(value as Encoder)}
        />
      )}
      {answer.error?.problem.code === 'encoder.no_attention' ? (
        <p className="soft" data-testid="patch-attention-none">
          {answer.error.problem.message} {answer.error.problem.remedy}
        </p>
      ) : (
        <Answer of={answer} what="the attention">
          {(looked) => <Maps {...{ crop, looked, colours }} />}
        </Answer>
      )}
    </>
  );
}

interface MapsProps {
  crop: Props['crop'];
  looked: Looked;
  colours: SequentialMap;
}

function Maps({ crop, looked, colours }: MapsProps) {
  const maps = patchMaps(looked);
  const [name, choose] = useState('Mean');
  const [opacity, setOpacity] = useState(0.6);
  const { grid, encoder } = looked;
  const shown = maps.find((map) => map.name === name) ?? maps[0];
  if (!shown) return null;
  return (
    <>
      <PatchMapPicture
        {...{ crop, grid, colours, opacity }}
        map={shown}
        label={`${shown.name}: attention over the crop`}
      />
      <div className={classes.ramp} style={{ background: colourGradient(colours) }} />
      <div className={classes.ends}>
        <span>0</span>
        <span>{percent(shown.highest)}</span>
      </div>
      <div className={classes.opacity}>
        <span>Opacity</span>
        <Slider
          size="sm"
          thumbLabel="Opacity of the attention map"
          min={0}
          max={1}
          step={0.05}
          value={opacity}
          onChange={setOpacity}
          label={null}
        />
        <span>{percent(opacity)}</span>
      </div>
      <div role="radiogroup" aria-label="Which attention map" className={classes.maps}>
        {maps.map((map) => (
          <label key={map.name} data-testid="patch-map-choice">
            <input
              type="radio"
              name="patch-map"
              value={map.name}
              checked={map === shown}
              onChange={() => choose(map.name)}
            />
            <PatchMapPicture {...{ crop, map, grid, colours, opacity }} />
            {map.name}
          </label>
        ))}
      </div>
      <p className={classes.note}>{meaning(encoderWord[encoder], shown, grid, crop.sizePx)}</p>
      <p className={classes.note}>
        <strong>This does not explain the grade.</strong> It shows where one block of the encoder takes numbers from,
        not what they say; a bright patch is no finding, and a dark one is not unseen: earlier blocks have mixed the
        patches.
      </p>
    </>
  );
}

function meaning(encoder: string, { name, highest, kept }: PatchMap, grid: number, sizePx: number): string {
  const whose = name === 'Mean' ? 'the mean of all heads' : `its ${name.toLowerCase()}`;
  return (
    `Attention of ${encoder}’s [CLS] token in the last block, ${whose}: a softmax over ${grid} × ${grid} patches of ` +
    `${Math.round(sizePx / grid)} px and [CLS] itself, together 100 %. [CLS] keeps ${percent(kept)}; the largest patch has ` +
    `${percent(highest)}, an even share would be ${percent(1 / (grid ** 2 + 1))}. Each map has a scale of its own, and ` +
    'is smoothed between the middles of the patches.'
  );
}
