'use client';
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import type { SlideList } from '@stroma/core/http/slide';
import dynamic from 'next/dynamic';
import { useCallback, useState } from 'react';
import { useAction } from '../data/use-action.ts';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Icon } from '../parts/icon.tsx';
import { count, counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { AddSlides } from '../upload/add-slides.tsx';
import { DropAnywhere } from '../upload/drop-anywhere.tsx';
import { everySlide } from './every-slide.ts';
import { FailedReadings } from './failed-readings.tsx';
import { RefusedUploads } from './refused-uploads.tsx';
import { SlideCard } from './slide-card.tsx';
import { knownFilter, SlideFilter } from './slide-filter.tsx';
import { SlideTable } from './slide-table.tsx';
import classes from './slides.module.css';

// Fetched when slides are chosen.
const CropBar = dynamic(() => import('./crop-bar.tsx').then((module) => module.CropBar), { ssr: false });

const pageSize = 60;

export function SlidesPage() {
  const { parameters, change } = useUrlState();
  const search = parameters.get('search') ?? '';
  const cursor = parameters.get('cursor');
  const from = Number(parameters.get('from') ?? 0);
  const only = knownFilter(parameters.get('only'));
  const asTable = parameters.get('view') === 'table';

  const query = new URLSearchParams({
    limit: String(pageSize),
    ...(search ? { search } : {}),
    ...Object.fromEntries(new URLSearchParams(only)),
    ...(cursor ? { cursor } : {}),
  });
  const list = useJson<SlideList>(`/api/slides?${query}`, {
    keepPreviousData: true,
    refreshInterval: (data) => (isBusy(data) ? 2000 : 0),
  });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => setChosen((before) => toggled(before, id)), []);
  const clear = useCallback(() => setChosen(new Set()), []);
  const chooseAll = useAction(
    useCallback(async () => setChosen(new Set(await everySlide(search, only))), [search, only]),
  );
  const find = useDebouncedCallback((text: string) => change({ search: text, cursor: null, from: null }), 250);

  return (
    <Page
      title="Slides"
      about={
        list.data &&
        (search
          ? `${counted(list.data.total, 'slide')} with “${search}” in the name`
          : counted(list.data.total, 'slide'))
      }
      acts={
        <>
          <TextInput
            type="search"
            aria-label="Search slides by name"
            placeholder="Search by name"
            defaultValue={search}
            leftSection={<Icon name="search" size={14} />}
            onChange={(event) => find(event.currentTarget.value)}
            w={260}
          />
          <SlideFilter value={only ?? null} onChange={(value) => change({ only: value, cursor: null, from: null })} />
          <SegmentedControl
            aria-label="Show as"
            value={asTable ? 'table' : 'grid'}
            onChange={(view) => change({ view: view === 'table' ? view : null })}
            data={[
              { value: 'grid', label: 'Grid' },
              { value: 'table', label: 'Table' },
            ]}
          />
          <AddSlides />
        </>
      }
    >
      <DropAnywhere />
      <FailedReadings />
      <RefusedUploads />
      {chosen.size > 0 && <CropBar slideIds={[...chosen]} onClear={clear} />}
      <Answer of={list} what="slides">
        {({ slides, total, next }) => (
          <>
            {slides.length === 0 && <NoSlides search={search} filtered={only !== undefined} />}
            {only && slides.length > 0 && (
              <p className={classes.filtered}>
                <Button size="xs" variant="default" loading={chooseAll.busy} onClick={() => void chooseAll.run()}>
                  Choose all {counted(total, 'slide')}
                </Button>
              </p>
            )}
            {chooseAll.problem && <ProblemView compact problem={chooseAll.problem} />}
            {slides.length > 0 && asTable && <SlideTable slides={slides} choice={{ chosen, toggle }} />}
            {slides.length > 0 && !asTable && (
              <div className={classes.grid}>
                {slides.map((slide) => (
                  <SlideCard key={slide.id} slide={slide} choice={{ chosen, toggle }} />
                ))}
              </div>
            )}
            {(next || cursor) && (
              <nav className={classes.pager} aria-label="Pages">
                <span className="soft">
                  {count(from + 1)}–{count(from + slides.length)} of {count(total)}
                </span>
                {cursor && (
                  <Button variant="default" onClick={() => change({ cursor: null, from: null }, { keep: true })}>
                    First page
                  </Button>
                )}
                {next && (
                  <Button
                    variant="default"
                    onClick={() => change({ cursor: next, from: String(from + slides.length) }, { keep: true })}
                  >
                    Next page
                  </Button>
                )}
              </nav>
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}

function NoSlides({ search, filtered }: { search: string; filtered: boolean }) {
  if (search) return <Empty title={`No slide has “${search}” in its name`} />;
  if (filtered) return <Empty title="No slide is of this kind" />;
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
