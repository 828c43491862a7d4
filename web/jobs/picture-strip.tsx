'use client';
import { useDisclosure } from '@mantine/hooks';
import type { RunPicture } from '@stroma/core/http/job';
import { useId, useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import { count } from '../parts/number-label.ts';
import classes from './pictures.module.css';

/** One kind of picture through the epochs: a slider between its states, the picture, larger on a click. */
export function PictureStrip({ title, runId, pictures }: { title: string; runId: number; pictures: RunPicture[] }) {
  // Until somebody chooses, the newest is shown, also when newer ones come.
  const [chosen, setChosen] = useState<number | null>(null);
  const [opened, { open, close }] = useDisclosure();
  const slider = useId();
  const last = pictures.length - 1;
  const index = Math.min(chosen ?? last, last);
  const picture = pictures[index];
  if (!picture) return null;
  const when = momentOf(picture);
  return (
    <figure className={classes.strip}>
      <figcaption>
        <label htmlFor={slider}>{title}</label>
        <span className="soft">
          {when}
          {picture.synthetic && ', shows synthetic crops'}
        </span>
      </figcaption>
      {last > 0 && (
        <div className={classes.slider}>
          <input
            id={slider}
            type="range"
            min={0}
            max={last}
            value={index}
            aria-valuetext={when}
            onChange={(event) => setChosen(Number(event.currentTarget.value))}
          />
          <span className="soft">
            {index + 1} of {pictures.length}
          </span>
        </div>
      )}
      <button type="button" className={classes.open} onClick={open} aria-label={`Enlarge: ${picture.caption}`}>
        <Shown runId={runId} picture={picture} />
      </button>
      <p className="soft">{picture.caption}</p>
      <Dialog opened={opened} onClose={close} title={`${title}, ${when}`} size="min(1640px, 94vw)" centered>
        <Shown runId={runId} picture={picture} large />
        <p className={classes.caption}>{picture.caption}</p>
      </Dialog>
    </figure>
  );
}

function Shown({ runId, picture, large = false }: { runId: number; picture: RunPicture; large?: boolean }) {
  return (
    // biome-ignore lint/performance/noImgElement: an API route; its bytes are final
    <img
      className={large ? classes.large : undefined}
      src={`/api/runs/${runId}/pictures/${picture.sha256}`}
      alt={picture.caption}
      width={picture.width}
      height={picture.height}
      loading="lazy"
    />
  );
}

/** Phases of an evaluation, whose pictures have no step. */
const evaluating = ['evaluate', 'encoder', 'gen_encoder'];
const momentOf = ({ phase, step, epoch }: RunPicture) =>
  evaluating.includes(phase)
    ? 'after the training'
    : step === 0
      ? 'before the first step'
      : `after epoch ${Number(epoch.toFixed(2))}, step ${count(step)}`;
