'use client';
import type { Overview } from '@stroma/core/http/overview';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Page, Section } from '../parts/page.tsx';
import { FirstSteps } from './first-steps.tsx';
import { Holdings } from './holdings.tsx';
import { LatestGrades } from './latest-grades.tsx';
import { Needs } from './needs.tsx';
import { OpenJobs } from './open-jobs.tsx';

/** Where the lab stands: what there is, what runs, what came out, and what waits for a person. */
export function HomePage() {
  const overview = useJson<Overview>('/api/overview', {
    refreshInterval: (data) => (data && (data.jobs.length > 0 || data.slides.arriving > 0) ? 5000 : 30_000),
  });
  return (
    <Page title="Overview">
      <Answer of={overview} what="the overview">
        {(data) => (
          <>
            <Holdings overview={data} />
            {!data.gradedJob && (
              <Section title="First steps">
                <FirstSteps overview={data} />
              </Section>
            )}
            <Section title="Needs a person">
              <Needs overview={data} />
            </Section>
            <Section title="Jobs that run or wait">
              <OpenJobs jobs={data.jobs} />
            </Section>
            {data.gradedJob && (
              <Section title="Latest grades">
                <LatestGrades job={data.gradedJob} />
              </Section>
            )}
          </>
        )}
      </Answer>
    </Page>
  );
}
