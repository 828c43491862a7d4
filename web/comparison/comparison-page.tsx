'use client';
import type { JobComparison } from '@stroma/core/http/comparison';
import { useParams } from 'next/navigation';
import { useJson } from '../data/use-json.ts';
import { Answer } from '../parts/answer.tsx';
import { Link } from '../parts/link.tsx';
import { counted } from '../parts/number-label.ts';
import { Page } from '../parts/page.tsx';
import { ComparisonView } from './comparison-view.tsx';

const isUnderWay = (data?: JobComparison) =>
  [data?.dino, data?.genDino].some((one) => one?.state === 'queued' || one?.state === 'running');

/** DINO and Gen-DINO on the same folds and slides: believe the difference or not. */
export function ComparisonPage() {
  const { id } = useParams<{ id: string }>();
  const answer = useJson<JobComparison>(`/api/jobs/${id}/comparison`, {
    refreshInterval: (data) => (isUnderWay(data) ? 10_000 : 0),
  });
  return (
    <Page title="DINO beside Gen-DINO" about={<About id={id} data={answer.data} />}>
      <Answer of={answer} what="the comparison">
        {(data) => <ComparisonView data={data} />}
      </Answer>
    </Page>
  );
}

function About({ id, data }: { id: string; data: JobComparison | undefined }) {
  return (
    <>
      <Link href={`/jobs/${id}`}>Job {id}</Link>
      {data && (
        <>
          , cohort <Link href={`/cohorts/${data.cohortId}`}>{data.cohortName}</Link>:{' '}
          {counted(data.labelledSlides, 'labelled slide')} of {data.cohortSlides}, each graded by models that were not
          trained on its patient
        </>
      )}
    </>
  );
}
