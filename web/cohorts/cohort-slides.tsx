'use client';
import { Button } from '@mantine/core';
import type { CohortDetail } from '@stroma/core/http/cohort';
import { scaleLabel, spacingLabel } from '@stroma/core/units';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { useCropCounts } from '../crops/use-crop-counts.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Link } from '../parts/link.tsx';
import { hasWords } from '../parts/list-order.ts';
import type { Column } from '../parts/list-table.tsx';
import { count, counted } from '../parts/number-label.ts';
import { OrderedTable } from '../parts/ordered-table.tsx';
import { Section } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';

// Fetched when a slide is looked at.
const MemberPreview = dynamic(() => import('../crops/member-preview.tsx').then((module) => module.MemberPreview), {
  ssr: false,
});

type Member = CohortDetail['slides'][number];

const columns: Column<Member>[] = [
  {
    title: 'Slide',
    wrap: true,
    orderBy: 'name',
    value: (slide) => slide.name,
    cell: (slide) => <Link href={`/slides/${slide.slideId}`}>{slide.name}</Link>,
  },
  { title: 'Patient', orderBy: 'patient', value: (slide) => slide.patientId, cell: (slide) => slide.patientId },
  {
    title: 'Label',
    orderBy: 'label',
    value: (slide) => slide.label,
    cell: (slide) => slide.label ?? <span className="soft">none</span>,
  },
  { title: 'Fold', number: true, orderBy: 'fold', value: (slide) => slide.fold, cell: (slide) => slide.fold },
  {
    title: 'Site',
    orderBy: 'site',
    value: (slide) => slide.site,
    cell: (slide) => slide.site ?? <span className="soft">not named</span>,
  },
  {
    title: 'Scale at level 0',
    orderBy: 'mpp',
    value: (slide) => slide.mpp?.x ?? null,
    cell: (slide) => (slide.mpp === null ? <span className="soft">mpp not settled</span> : spacingLabel(slide.mpp)),
  },
];

/** A cohort's members; each can be looked at with its tissue mask and grid before anything is cut. */
export function CohortSlides({ cohort }: { cohort: CohortDetail }) {
  const { slides, cropSelection } = cohort;
  const [previewed, setPreviewed] = useState<Member | null>(null);
  const grid = cohort.crops.find(({ sizePx, stridePx }) => sizePx === 256 && stridePx === 256);
  const counts = useCropCounts(cohort.id, grid, cropSelection);
  const bySlide = new Map(counts.data?.slides.map((one) => [one.slideId, one]));
  const { parameters, change } = useUrlState();
  const search = parameters.get('search') ?? '';
  const found = slides.filter(({ name, patientId, label, site }) => hasWords(search, name, patientId, label, site));
  return (
    <Section
      title={search ? `${count(found.length)} of ${counted(slides.length, 'slide')}` : counted(slides.length, 'slide')}
      aside={
        <SearchField
          label="Search this cohort"
          placeholder="Slide, patient, label or site"
          value={search}
          onFind={(text) => change({ search: text })}
        />
      }
    >
      <OrderedTable
        label="Slides of the cohort"
        columns={[
          ...columns,
          ...(grid ? [cropColumn(scaleLabel(grid.mpp), bySlide)] : []),
          {
            title: '',
            cell: (slide: Member) => <PreviewButton onPress={() => setPreviewed(slide)} name={slide.name} />,
          },
        ]}
        rows={found}
        rowKey={(slide) => slide.slideId}
      />
      <Dialog
        opened={previewed !== null}
        onClose={() => setPreviewed(null)}
        title={previewed && `Tissue and crops of ${previewed.name}`}
        size={900}
      >
        {previewed && <MemberPreview slideId={previewed.slideId} selection={cropSelection} mpp={grid?.mpp} />}
      </Dialog>
    </Section>
  );
}

function PreviewButton({ name, onPress }: { name: string; onPress: () => void }) {
  return (
    <Button size="compact-xs" variant="default" onClick={onPress} aria-label={`Preview crops of ${name}`}>
      Preview
    </Button>
  );
}

/** `41 of 48`, or why there are none. */
function cropColumn(at: string, bySlide: ReadonlyMap<string, { cut: number; kept: number }>): Column<Member> {
  return {
    title: `Crops at ${at}`,
    number: true,
    orderBy: 'crops',
    value: (slide) => bySlide.get(slide.slideId)?.kept ?? null,
    cell: (slide) => {
      const counts = bySlide.get(slide.slideId);
      if (!counts) return <span className="soft">not cut</span>;
      if (counts.cut === 0) return <span className="soft">0: no tissue</span>;
      return `${count(counts.kept)} of ${count(counts.cut)}`;
    },
  };
}
