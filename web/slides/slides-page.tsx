'use client';
import { Button } from '@mantine/core';
import type { SlideList } from '@stroma/core/http/slide';
import { slideSorts } from '@stroma/core/slide-sorts';
import dynamic from 'next/dynamic';
import { useCallback, useMemo, useState } from 'react';
import { useAction } from '../data/use-action.ts';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { readOrder, writeOrder } from '../parts/list-order.ts';
import { counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { AddSlides } from '../upload/add-slides.tsx';
import { DropAnywhere } from '../upload/drop-anywhere.tsx';
import { everySlide } from './every-slide.ts';
import { FailedReadings } from './failed-readings.tsx';
import { RefusedUploads } from './refused-uploads.tsx';
import { SlideCard } from './slide-card.tsx';
import { SlideFilters } from './slide-filters.tsx';
import { SlidePager } from './slide-pager.tsx';
import { slideQuery, sortOf } from './slide-query.ts';
import classes from './slides.module.css';

// Fetched when they are wanted: slides as a table, and what can be done with chosen ones.
const SlideTable = dynamic(() => import('./slide-table.tsx').then((module) => module.SlideTable), { ssr: false });
const CropBar = dynamic(() => import('./crop-bar.tsx').then((module) => module.CropBar), { ssr: false });

const pageSize = 60;

export function SlidesPage() {
  const { parameters, change } = useUrlState();
  const address = parameters.toString();
  const cursor = parameters.get('cursor');
  const from = Number(parameters.get('from') ?? 0);
  const asTable = parameters.get('view') === 'table';
  const wanted = useMemo(() => slideQuery(new URLSearchParams(address)), [address]);
  const narrowed = [...wanted.keys()].some((name) => name !== 'sort');

  const query = new URLSearchParams([...wanted, ['limit', String(pageSize)], ...(cursor ? [['cursor', cursor]] : [])]);
  const list = useJson<SlideList>(`/api/slides?${query}`, {
    keepPreviousData: true,
    refreshInterval: (data) => (isBusy(data) ? 2000 : 0),
  });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => setChosen((before) => toggled(before, id)), []);
  const clear = useCallback(() => setChosen(new Set()), []);
  const chooseAll = useAction(useCallback(async () => setChosen(new Set(await everySlide(wanted))), [wanted]));
  // Another list begins at its first page.
  const ask = (values: Record<string, string | null>) => change({ ...values, cursor: null, from: null });
  const sort = sortOf(parameters) ?? null;

  return (
    <Page
      title="Slides"
      about={list.data && `${counted(list.data.total, 'slide')}${narrowed ? ' of this kind' : ''}`}
      acts={
        <>
          <SearchField
            label="Search slides by name"
            placeholder="Search by name"
            value={parameters.get('search') ?? ''}
            onFind={(search) => ask({ search })}
          />
          <Button.Group aria-label="Show as" className={classes.views}>
            {(['grid', 'table'] as const).map((view) => (
              <Button
                key={view}
                variant="default"
                aria-pressed={asTable === (view === 'table')}
                onClick={() => change({ view: view === 'table' ? view : null })}
              >
                {view === 'grid' ? 'Grid' : 'Table'}
              </Button>
            ))}
          </Button.Group>
          <AddSlides />
        </>
      }
    >
      <DropAnywhere />
      <FailedReadings />
      <RefusedUploads />
      <SlideFilters address={parameters} onChange={ask} />
      {chosen.size > 0 && <CropBar slideIds={[...chosen]} onClear={clear} />}
      <Answer of={list} what="slides">
        {({ slides, total, next }) => (
          <>
            {slides.length === 0 && <NoSlides search={parameters.get('search') ?? ''} narrowed={narrowed} />}
            {narrowed && slides.length > 0 && (
              <p className={classes.filtered}>
                <Button size="xs" variant="default" loading={chooseAll.busy} onClick={() => void chooseAll.run()}>
                  Choose all {counted(total, 'slide')}
                </Button>
              </p>
            )}
            {chooseAll.problem && <ProblemView compact problem={chooseAll.problem} />}
            {slides.length > 0 && asTable && (
              <SlideTable
                slides={slides}
                choice={{ chosen, toggle }}
                order={readOrder(sort, slideSorts)}
                onOrder={(order) => ask({ sort: writeOrder(order) })}
              />
            )}
            {slides.length > 0 && !asTable && (
              <div className={classes.grid}>
                {slides.map((slide) => (
                  <SlideCard key={slide.id} slide={slide} choice={{ chosen, toggle }} />
                ))}
              </div>
            )}
            <SlidePager
              from={from}
              shown={slides.length}
              total={total}
              onFirst={cursor ? () => change({ cursor: null, from: null }, { keep: true }) : undefined}
              onNext={
                next === null
                  ? undefined
                  : () => change({ cursor: next, from: String(from + slides.length) }, { keep: true })
              }
            />
          </>
        )}
      </Answer>
    </Page>
  );
}

function NoSlides({ search, narrowed }: { search: string; narrowed: boolean }) {
  if (search) return <Empty title={`No slide of this kind has “${search}” in its name`} />;
  if (narrowed) return <Empty title="No slide is of this kind" />;
  return (
    <Empty title="No slides yet">
      Drop slide files, whole folders or zips anywhere on this page: SVS, TIFF, DICOM, NDPI, MRXS and what else
      OpenSlide reads.
    </Empty>
  );
}

const isBusy = (data?: SlideList) =>
  data?.slides.some(
    ({ cropSets, gradings }) =>
      cropSets.some((set) => set.status === 'queued') ||
      gradings.some(({ status }) => status === 'queued' || status === 'running'),
  ) ?? false;

function toggled(before: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const after = new Set(before);
  if (!after.delete(id)) after.add(id);
  return after;
}
