'use client';
import { Button } from '@mantine/core';
import type { CohortList, CohortMessage } from '@stroma/core/http/cohort';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { type Column, ListTable } from '../parts/list-table.tsx';
import { Moment } from '../parts/moment.tsx';
import { count } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';

const columns: Column<CohortMessage>[] = [
  { title: 'Cohort', wrap: true, cell: (cohort) => <Link href={`/cohorts/${cohort.id}`}>{cohort.name}</Link> },
  { title: 'Slides', number: true, cell: (cohort) => count(cohort.slideCount) },
  { title: 'Patients', number: true, cell: (cohort) => count(cohort.patientCount) },
  { title: 'Classes', wrap: true, cell: (cohort) => cohort.classes.join(', ') },
  { title: 'Folds', number: true, cell: (cohort) => cohort.foldCount },
  { title: 'Seed', number: true, cell: (cohort) => cohort.seed },
  { title: 'Jobs', number: true, cell: (cohort) => count(cohort.jobCount) },
  { title: 'Made', cell: (cohort) => <Moment at={cohort.createdAt} /> },
];

export function CohortsPage() {
  const list = useJson<CohortList>('/api/cohorts');
  return (
    <Page
      title="Cohorts"
      about="A cohort is a frozen list of labelled slides with its folds by patient; training jobs run on it."
      acts={
        <Button component={Link} href="/cohorts/new">
          New cohort
        </Button>
      }
    >
      <Answer of={list} what="cohorts">
        {({ cohorts }) =>
          cohorts.length > 0 ? (
            <ListTable label="Cohorts" columns={columns} rows={cohorts} rowKey={(cohort) => cohort.id} />
          ) : (
            <Empty title="No cohorts yet">
              Upload slides, then <Link href="/cohorts/new">name a cohort</Link> with a CSV of slide, patient and grade.
            </Empty>
          )
        }
      </Answer>
    </Page>
  );
}
