'use client';
import type { CohortDetail } from '@stroma/core/http/cohort';
import type { JobList } from '@stroma/core/http/job';
import { scaleLabel } from '@stroma/core/units';
import { useParams } from 'next/navigation';
import { useJson } from '../data/use-json.ts';
import { JobTable } from '../jobs/job-table.tsx';
import { Answer } from '../parts/answer.tsx';
import { counted } from '../parts/number-label.ts';
import { Page, Section } from '../parts/page.tsx';
import { CohortSlides } from './cohort-slides.tsx';
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
            {(jobs.error || (jobs.data && jobs.data.jobs.length > 0)) && (
              <Section title="Jobs">
                <Answer of={jobs} what="jobs">
                  {({ jobs: list }) => <JobTable jobs={list} />}
                </Answer>
              </Section>
            )}
            <Section title="Folds by patient">
              <FoldStrip cohort={data} />
            </Section>
            <Section title="Crops">{cropLines(data)}</Section>
            <CohortSlides slides={data.slides} />
          </>
        )}
      </Answer>
    </Page>
  );
}

const facts = (cohort: CohortDetail) =>
  `${counted(cohort.slideCount, 'slide')}, ${counted(cohort.patientCount, 'patient')}, ${counted(cohort.classes.length, 'class', 'classes')}, ${counted(cohort.foldCount, 'fold')} with seed ${cohort.seed}`;

function cropLines(cohort: CohortDetail) {
  if (cohort.crops.length === 0) return <span className="soft">None cut yet; a training job cuts them first.</span>;
  return cohort.crops.map((one) => (
    <div key={one.mpp}>
      {counted(one.crops, 'crop')} at {scaleLabel(one.mpp)}{' '}
      <span className="soft">
        from {one.slides} of {counted(cohort.slideCount, 'slide')}
      </span>
    </div>
  ));
}
