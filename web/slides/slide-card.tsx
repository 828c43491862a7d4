'use client';
import type { SlideMessage } from '@stroma/core/http/slide';
import { bytesLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { ArrivalGrades } from './arrival-grades.tsx';
import { ScaleForm } from './lazy-scale-form.tsx';
import { CropSetLine, DuplicateNote, SlideScale } from './slide-facts.tsx';
import { isUngraded, JobGrade, SlideLabel } from './slide-standing.tsx';
import { SlideState } from './slide-state.tsx';
import classes from './slides.module.css';
import { Thumbnail } from './thumbnail.tsx';

export interface Choice {
  chosen: ReadonlySet<string>;
  toggle: (id: string) => void;
}

export function SlideCard({ slide, choice }: { slide: SlideMessage; choice: Choice }) {
  return (
    <article
      className={classes.card}
      data-testid="slide-card"
      data-slide-id={slide.id}
      data-chosen={choice.chosen.has(slide.id) || undefined}
    >
      <Link href={`/slides/${slide.id}`} tabIndex={-1} aria-hidden="true" className={classes.picture}>
        <Thumbnail id={slide.id} name={slide.name} />
      </Link>
      <div className={classes.choose}>
        <input
          type="checkbox"
          className={classes.check}
          aria-label={`Choose ${slide.name}`}
          checked={choice.chosen.has(slide.id)}
          onChange={() => choice.toggle(slide.id)}
        />
      </div>
      <div className={classes.text}>
        <div className={classes.title}>
          <Link href={`/slides/${slide.id}`} title={slide.name}>
            {slide.name}
          </Link>
          <SlideState slide={slide} />
        </div>
        <div className="soft">
          {bytesLabel(slide.bytes)}, {slide.format}
          {slide.fileCount > 1 && `, ${counted(slide.fileCount, 'file')}`}
        </div>
        <DuplicateNote slide={slide} />
        {slide.mpp === null ? <ScaleForm slide={slide} /> : <SlideScale slide={slide} />}
        {slide.membership && (
          <div>
            <span className="soft">Label </span>
            <SlideLabel membership={slide.membership} />
          </div>
        )}
        {isUngraded(slide) && <div className="soft">not graded</div>}
        <JobGrade slide={slide} />
        <ArrivalGrades gradings={slide.gradings} />
        {slide.cropSets.map((cropSet) => (
          <div key={cropSet.id}>
            <CropSetLine cropSet={cropSet} />
          </div>
        ))}
      </div>
    </article>
  );
}
