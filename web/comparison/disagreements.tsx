import type { ComparedSlide, JobComparison, SlideGrade } from '@stroma/core/http/comparison';
import { useState } from 'react';
import { Link } from '../parts/link.tsx';
import { ListTable } from '../parts/list-table.tsx';
import { counted } from '../parts/number-label.ts';
import { Section } from '../parts/page.tsx';
import { bothHeatMaps } from '../viewer/second-address.ts';
import { two } from './words.ts';

const shownAtFirst = 100;

/** The slides that the encoders grade differently, first those on which one of them is right; a click opens the viewer. */
export function Disagreements({ data }: { data: JobComparison }) {
  const [all, setAll] = useState(false);
  const both = data.slides.filter((slide) => slide.dino && slide.genDino);
  const found = both
    .filter((slide) => slide.dino?.grade !== slide.genDino?.grade)
    .sort((a, b) => rank(a) - rank(b) || surest(b) - surest(a));
  const shown = all ? found : found.slice(0, shownAtFirst);
  return (
    <Section title={`They disagree on ${found.length} of ${counted(both.length, 'slide')}`}>
      {found.length === 0 ? (
        <p className="soft">Both give every slide the same grade.</p>
      ) : (
        <div data-testid="disagreements">
          <ListTable
            label="Slides on which the encoders disagree"
            rows={shown}
            rowKey={(slide) => slide.slideId}
            columns={[
              {
                title: 'Slide',
                wrap: true,
                cell: (slide) => <Link href={bothHeatMaps(slide.slideId, data.jobId)}>{slide.name}</Link>,
              },
              { title: 'Label', cell: (slide) => data.classes[slide.label] },
              { title: 'DINO', cell: (slide) => <Grade data={data} slide={slide} grade={slide.dino} /> },
              { title: 'Gen-DINO', cell: (slide) => <Grade data={data} slide={slide} grade={slide.genDino} /> },
              { title: 'Patient', cell: (slide) => slide.patientId },
              { title: 'Fold', number: true, cell: (slide) => slide.fold },
            ]}
          />
          {found.length > shown.length && (
            <button type="button" className="link" onClick={() => setAll(true)}>
              Show all {found.length}
            </button>
          )}
        </div>
      )}
    </Section>
  );
}

function Grade({ data, slide, grade }: { data: JobComparison; slide: ComparedSlide; grade: SlideGrade | null }) {
  if (!grade) return null;
  const isRight = grade.grade === slide.label;
  return (
    <span style={{ fontWeight: isRight ? 600 : undefined }}>
      {isRight ? '✓' : '✗'} <span className="hidden">{isRight ? 'right:' : 'wrong:'}</span> {data.classes[grade.grade]}{' '}
      <span className="soft">
        {two(grade.confidence)}
        {grade.abstains && ', abstains'}
      </span>
    </span>
  );
}

/** Both wrong comes last. */
const rank = (slide: ComparedSlide) =>
  Number(slide.dino?.grade !== slide.label && slide.genDino?.grade !== slide.label);
const surest = (slide: ComparedSlide) => Math.max(slide.dino?.confidence ?? 0, slide.genDino?.confidence ?? 0);
