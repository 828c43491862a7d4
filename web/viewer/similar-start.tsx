import type { SlideDetail } from '@stroma/core/http/slide';
import { useState } from 'react';
import { boxOnScreen, type ScreenBox, wholeScreen } from './box-on-screen.ts';
import { DrawRectangle } from './draw-rectangle.tsx';
import classes from './similar.module.css';
import { everywhere, searchSimilar } from './similar-search.ts';
import type { Encoder } from './slide-grades.ts';
import type { SlideStage } from './slide-stage.ts';

interface Props {
  slide: Pick<SlideDetail, 'id' | 'name'>;
  stage: SlideStage | null;
  jobId: number;
  encoder: Encoder;
}

/** Ways to ask with a place on the slide. */
export function SimilarStart({ slide, stage, jobId, encoder }: Props) {
  const [drawing, draw] = useState(false);
  if (!stage) return null;
  const ask = (box: ScreenBox) => {
    draw(false);
    const of = { slideId: slide.id, ...boxOnScreen(stage, box) };
    searchSimilar({ jobId, encoder, of, slideId: slide.id, slideName: slide.name, ...everywhere });
  };
  return (
    <div className={classes.start}>
      <span>Find similar crops to</span>
      <button
        type="button"
        className="link"
        aria-pressed={drawing}
        onClick={() => draw(!drawing)}
        data-testid="similar-rectangle"
      >
        {drawing ? 'cancel the rectangle' : 'a rectangle'}
      </button>
      <button type="button" className="link" onClick={() => ask(wholeScreen(stage))} data-testid="similar-screen">
        all on screen
      </button>
      {drawing && <DrawRectangle stage={stage} onDrawn={ask} onCancel={() => draw(false)} />}
    </div>
  );
}
