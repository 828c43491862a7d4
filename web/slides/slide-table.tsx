'use client';
import type { SlideMessage } from '@stroma/core/http/slide';
import { bytesLabel } from '@stroma/core/units';
import { Link } from '../parts/link.tsx';
import type { ListOrder } from '../parts/list-order.ts';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { count } from '../parts/number-label.ts';
import { ArrivalGrades } from './arrival-grades.tsx';
import { ScaleForm } from './lazy-scale-form.tsx';
import type { Choice } from './slide-card.tsx';
import { CropSetLine, DuplicateNote, SlideScale } from './slide-facts.tsx';
import { isUngraded, JobGrade, SlideLabel } from './slide-standing.tsx';
import { SlideState } from './slide-state.tsx';
import classes from './slides.module.css';
import { Thumbnail } from './thumbnail.tsx';

export function SlideTable({
  slides,
  choice,
  order,
  onOrder,
}: {
  slides: SlideMessage[];
  choice: Choice;
  order: ListOrder | null;
  onOrder: (order: ListOrder | null) => void;
}) {
  const columns: Column<SlideMessage>[] = [
    {
      title: 'Picture',
      width: 90,
      cell: (slide) => (
        <span style={{ display: 'flex', gap: 12, alignItems: 'center' }}>
          <input
            type="checkbox"
            className={classes.check}
            aria-label={`Choose ${slide.name}`}
            checked={choice.chosen.has(slide.id)}
            onChange={() => choice.toggle(slide.id)}
          />
          <Thumbnail small id={slide.id} name={slide.name} />
        </span>
      ),
    },
    {
      title: 'Slide',
      wrap: true,
      orderBy: 'name',
      cell: (slide) => (
        <>
          <Link href={`/slides/${slide.id}`}>{slide.name}</Link>
          <DuplicateNote slide={slide} />
        </>
      ),
    },
    { title: 'Label', wrap: true, cell: (slide) => <SlideLabel membership={slide.membership} /> },
    {
      title: 'Grade',
      wrap: true,
      orderBy: 'grade',
      cell: (slide) => (
        <>
          {isUngraded(slide) && <span className="soft">not graded</span>}
          <JobGrade slide={slide} />
          <ArrivalGrades gradings={slide.gradings} />
        </>
      ),
    },
    { title: 'State', cell: (slide) => <SlideState slide={slide} /> },
    {
      title: 'Scale at level 0',
      cell: (slide) => (slide.mpp === null ? <ScaleForm slide={slide} /> : <SlideScale slide={slide} />),
    },
    { title: 'Size, px', number: true, cell: (slide) => `${count(slide.width0)} × ${count(slide.height0)}` },
    { title: 'Bytes', number: true, cell: (slide) => bytesLabel(slide.bytes) },
    { title: 'Files', number: true, cell: (slide) => count(slide.fileCount) },
    { title: 'Format', cell: (slide) => slide.format },
    {
      title: 'Crops',
      cell: (slide) =>
        slide.cropSets.length === 0 ? (
          <span className="soft">none</span>
        ) : (
          slide.cropSets.map((set) => (
            <div key={set.id}>
              <CropSetLine cropSet={set} />
            </div>
          ))
        ),
    },
    { title: 'Added', orderBy: 'added', cell: (slide) => <Moment at={slide.createdAt} /> },
  ];
  return (
    <ListTable
      label="Slides"
      columns={columns}
      rows={slides}
      rowKey={(slide) => slide.id}
      order={order}
      onOrder={onOrder}
    />
  );
}
