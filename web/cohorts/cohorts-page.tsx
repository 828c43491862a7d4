'use client';
import { Button } from '@mantine/core';
import type { CohortList, CohortMessage } from '@stroma/core/http/cohort';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { hasWords } from '../parts/list-order.ts';
import type { Column } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { count } from '../parts/number-label.ts';
import { OrderedTable } from '../parts/ordered-table.tsx';
import { Page } from '../parts/page.tsx';
import { SearchField } from '../parts/search-field.tsx';

const columns: Column<CohortMessage>[] = [
  {
    title: 'Cohort',
    wrap: true,
    orderBy: 'name',
    value: (cohort) => cohort.name,
    cell: (cohort) => <Link href={`/cohorts/${cohort.id}`}>{cohort.name}</Link>,
  },
  {
    title: 'Slides',
    number: true,
    orderBy: 'slides',
    value: (cohort) => cohort.slideCount,
    cell: (cohort) => count(cohort.slideCount),
  },
  {
    title: 'Patients',
    number: true,
    orderBy: 'patients',
    value: (cohort) => cohort.patientCount,
    cell: (cohort) => count(cohort.patientCount),
  },
  { title: 'Classes', wrap: true, cell: (cohort) => cohort.classes.join(', ') },
  { title: 'Folds', number: true, cell: (cohort) => cohort.foldCount },
  { title: 'Seed', number: true, cell: (cohort) => cohort.seed },
  {
    title: 'Jobs',
    number: true,
    orderBy: 'jobs',
    value: (cohort) => cohort.jobCount,
    cell: (cohort) => count(cohort.jobCount),
  },
  {
    title: 'Made',
    orderBy: 'made',
    value: (cohort) => cohort.createdAt,
    cell: (cohort) => <Moment at={cohort.createdAt} />,
  },
];

export function CohortsPage() {
  const { parameters, change } = useUrlState();
  const search = parameters.get('search') ?? '';
  const list = useJson<CohortList>('/api/cohorts');
  return (
    <Page
      title="Cohorts"
      about="A cohort is a frozen list of labelled slides with its folds by patient; training jobs run on it."
      acts={
        <>
          <SearchField
            label="Search cohorts"
            placeholder="Name or class"
            value={search}
            onFind={(text) => change({ search: text })}
          />
          <Button component={Link} href="/cohorts/new">
            New cohort
          </Button>
        </>
      }
    >
      <Answer of={list} what="cohorts">
        {({ cohorts }) => {
          const found = cohorts.filter(({ name, classes }) => hasWords(search, name, ...classes));
          if (found.length > 0) {
            return <OrderedTable label="Cohorts" columns={columns} rows={found} rowKey={(cohort) => cohort.id} />;
          }
          if (cohorts.length > 0) return <Empty title={`No cohort has “${search}” in its name or classes`} />;
          return (
            <Empty title="No cohorts yet">
              Upload slides, then <Link href="/cohorts/new">name a cohort</Link> with a CSV of slide, patient and grade.
            </Empty>
          );
        }}
      </Answer>
    </Page>
  );
}
