'use client';
import type { CohortDetail } from '@stroma/core/http/cohort';
import type { JobList } from '@stroma/core/http/job';
import { useParams } from 'next/navigation';
import { SelectionForm } from '../crops/selection-form.tsx';
import { useJson } from '../data/use-json.ts';
import { JobTable } from '../jobs/job-table.tsx';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import { Page, Section } from '../parts/page.tsx';
import { CohortLeaksView } from './cohort-leaks-view.tsx';
import { CohortSlides } from './cohort-slides.tsx';
import { FoldBalance } from './fold-balance.tsx';
import { FoldStrip } from './fold-strip.tsx';
import { StartJobForm } from './start-job-form.tsx';

export function CohortPage() {
  const { id } = useParams<{ id: string }>();
  const cohort = useJson<CohortDetail>(`/api/cohorts/${id}`);
  const jobs = useJson<JobList>(`/api/jobs?cohortId=${id}`);
  return (
    <Page title={cohort.data?.name ?? 'Cohort'} about={cohort.data && facts(cohort.data)}>
      <Answer of={cohort} what="the cohort">
        {(data) => (
          <>
            <Section title="Start a training job">
              <StartJobForm cohort={data} />
            </Section>
            <CohortLeaksView id={data.id} grades={data.classes} />
            {(jobs.error || (jobs.data && jobs.data.jobs.length > 0)) && (
              <Section title="Jobs">
                <Answer of={jobs} what="jobs">
                  {({ jobs: list }) => <JobTable jobs={list} address="jobs-" />}
                </Answer>
              </Section>
            )}
            <Section title="Folds by patient">
              <FoldStrip cohort={data} />
              <FoldBalance cohort={data} />
            </Section>
            <Section title="Crops">
              <SelectionForm key={data.id} cohort={data} />
            </Section>
            <CohortSlides cohort={data} />
          </>
        )}
      </Answer>
    </Page>
  );
}

const facts = (cohort: CohortDetail) =>
  `${counted(cohort.slideCount, 'slide')}, ${counted(cohort.patientCount, 'patient')}, ${counted(cohort.classes.length, 'class', 'classes')}, ${counted(cohort.foldCount, 'fold')} with seed ${cohort.seed}`;
