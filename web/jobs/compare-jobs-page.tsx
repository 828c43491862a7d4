'use client';
import type { JobDetail, JobList } from '@stroma/core/http/job';
import type { JobProvenance } from '@stroma/core/http/provenance';
import { useJson } from '../data/use-json.ts';
import { useUrlState } from '../data/use-url-state.ts';
import { Answer } from '../parts/answer.tsx';
import { Choice } from '../parts/choice.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { Page, Section } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { DataDifferences } from './data-differences.tsx';
import { Differences } from './differences.tsx';
import { JointCurves } from './joint-curves.tsx';
import { JointMeasures } from './joint-measures.tsx';

/** Two jobs beside each other: what was set otherwise, on what data, how they learnt and how they ended. */
export function CompareJobsPage() {
  const { parameters, change } = useUrlState();
  const [a, b] = [parameters.get('a'), parameters.get('b')];
  const list = useJson<JobList>('/api/jobs');
  const [first, second] = [useJob(a), useJob(b)];
  const choice = (list.data?.jobs ?? []).map((job) => {
    return { value: String(job.id), label: `Job ${job.id}, ${job.cohortName}, ${job.preset}, seed ${job.seed}` };
  });
  return (
    <Page
      title="Compare jobs"
      acts={(['a', 'b'] as const).map((side) => (
        <Choice
          key={side}
          label={side === 'a' ? 'First job' : 'Second job'}
          hideLabel
          anything={side === 'a' ? 'First job' : 'Second job'}
          options={choice}
          value={parameters.get(side)}
          onChange={(value) => change({ [side]: value })}
          width={300}
        />
      ))}
    >
      <Answer of={list} what="jobs">
        {() => <WhatToChoose a={a} b={b} jobs={choice.length} />}
      </Answer>
      {isId(a) && isId(b) && a !== b && (
        <Answer of={first.job} what={`job ${a}`}>
          {(jobA) => (
            <Answer of={second.job} what={`job ${b}`}>
              {(jobB) => (
                <>
                  <Section title="Settings">
                    <Both first={first} second={second}>
                      {(from, to) => <Differences first={from} second={to} />}
                    </Both>
                  </Section>
                  <Section title="Data">
                    <Both first={first} second={second}>
                      {(from, to) => <DataDifferences first={from} second={to} />}
                    </Both>
                  </Section>
                  <Section title="Final measures">
                    <JointMeasures jobs={[jobA, jobB]} />
                  </Section>
                  <Section title="Curves">
                    <JointCurves jobs={[jobA, jobB]} />
                  </Section>
                </>
              )}
            </Answer>
          )}
        </Answer>
      )}
    </Page>
  );
}

/** What is still missing before two jobs can be compared. */
function WhatToChoose({ a, b, jobs }: { a: string | null; b: string | null; jobs: number }) {
  const unknown = [a, b].find((id) => id && !isId(id));
  if (unknown) {
    const problem = {
      code: 'jobs.address',
      message: 'The address names a job that there cannot be.',
      expected: 'the number of a job',
      found: unknown,
      remedy: 'Choose both jobs above.',
    };
    return <ProblemView problem={problem} />;
  }
  if (a && b && a !== b) return null;
  if (jobs < 2) {
    return (
      <Empty title="Two jobs are needed">
        A training job is started from a <Link href="/cohorts">cohort</Link>.
      </Empty>
    );
  }
  if (a && b) return <Empty title="Both are the same job">Choose another one above.</Empty>;
  return <Empty title="Choose two jobs above" />;
}

const isId = (text: string | null): text is string => text !== null && /^\d{1,9}$/.test(text);

type Side = ReturnType<typeof useJob>;

function useJob(id: string | null) {
  const path = isId(id) ? `/api/jobs/${id}` : null;
  return { job: useJson<JobDetail>(path), provenance: useJson<JobProvenance>(path && `${path}/provenance`) };
}

function Both({
  first,
  second,
  children,
}: {
  first: Side;
  second: Side;
  children: (first: JobProvenance, second: JobProvenance) => React.ReactNode;
}) {
  return (
    <Answer of={first.provenance} what="the first job’s settings">
      {(a) => (
        <Answer of={second.provenance} what="the second job’s settings">
          {(b) => children(a, b)}
        </Answer>
      )}
    </Answer>
  );
}
