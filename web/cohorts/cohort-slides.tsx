'use client';
import { Button, TextInput } from '@mantine/core';
import type { CohortDetail } from '@stroma/core/http/cohort';
import { spacingLabel } from '@stroma/core/units';
import Link from 'next/link';
import { useState } from 'react';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { count, counted } from '../parts/number-label.ts';
import { Section } from '../parts/page.tsx';

type Member = CohortDetail['slides'][number];
const step = 100;

const columns: Column<Member>[] = [
  { title: 'Slide', wrap: true, cell: (slide) => <Link href={`/slides/${slide.slideId}`}>{slide.name}</Link> },
  { title: 'Patient', cell: (slide) => slide.patientId },
  { title: 'Label', cell: (slide) => slide.label ?? <span className="soft">none</span> },
  { title: 'Fold', number: true, cell: (slide) => slide.fold },
  {
    title: 'Scale at level 0',
    cell: (slide) => (slide.mpp === null ? <span className="soft">mpp not settled</span> : spacingLabel(slide.mpp)),
  },
];

export function CohortSlides({ slides }: { slides: Member[] }) {
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(step);
  const wanted = search.toLowerCase();
  const found = slides.filter((slide) =>
    [slide.name, slide.patientId, slide.label ?? ''].some((text) => text.toLowerCase().includes(wanted)),
  );
  return (
    <Section
      title={search ? `${count(found.length)} of ${counted(slides.length, 'slide')}` : counted(slides.length, 'slide')}
      aside={
        <TextInput
          type="search"
          aria-label="Search this cohort"
          placeholder="Slide, patient or label"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
          w={220}
        />
      }
    >
      <ListTable
        label="Slides of the cohort"
        columns={columns}
        rows={found.slice(0, shown)}
        rowKey={(slide) => slide.slideId}
      />
      {found.length > shown && (
        <p style={{ textAlign: 'center' }}>
          <Button variant="default" onClick={() => setShown(shown + step * 5)}>
            Show more: {count(found.length - shown)} left
          </Button>
        </p>
      )}
    </Section>
  );
}
