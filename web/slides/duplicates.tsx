'use client';
import type { SlideDuplicate, SlideDuplicateList } from '@stroma/core/http/duplicate';
import type { SlideMessage } from '@stroma/core/http/slide';
import { bytesLabel, spacingLabel } from '@stroma/core/units';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { count } from '../parts/number-label.ts';
import classes from './duplicates.module.css';
import { likeness } from './likeness.ts';
import { Thumbnail } from './thumbnail.tsx';

type Beside = Pick<SlideMessage, 'id' | 'name' | 'format' | 'bytes' | 'width0' | 'height0' | 'mpp'>;

/** This slide and those that may be it in another file, side by side. */
export function Duplicates({ slide }: { slide: Beside }) {
  const answer = useJson<SlideDuplicateList>(`/api/slides/${slide.id}/duplicates`);
  return (
    <Answer of={answer} what="possible duplicates">
      {({ duplicates, cohorts }) => (
        <ul className={classes.pairs} data-testid="duplicates">
          <Twin slide={slide} cohorts={cohorts} what="This slide" />
          {duplicates.map(({ slideId, kind, distance, cohorts: others, ...twin }) => (
            <Twin key={slideId} slide={{ ...twin, id: slideId }} cohorts={others} what={likeness({ kind, distance })} />
          ))}
        </ul>
      )}
    </Answer>
  );
}

function Twin({ slide, cohorts, what }: { slide: Beside; cohorts: SlideDuplicate['cohorts']; what: string }) {
  return (
    <li>
      <Link href={`/slides/${slide.id}`} title={slide.name}>
        <Thumbnail id={slide.id} name={slide.name} />
        <span className={classes.name}>{slide.name}</span>
      </Link>
      <div>{what}</div>
      <div className="soft">
        {slide.format}, {count(slide.width0)} × {count(slide.height0)} px, {bytesLabel(slide.bytes)}
      </div>
      <div className="soft">{slide.mpp ? spacingLabel(slide.mpp) : 'scale not settled'}</div>
      {cohorts.map((cohort) => (
        <div key={cohort.id}>
          <Link href={`/cohorts/${cohort.id}`}>{cohort.name}</Link>{' '}
          <span className="soft">as patient {cohort.patientId}</span>
        </div>
      ))}
    </li>
  );
}
