import type { Metadata } from 'next';
import { CohortPage } from '../../../cohorts/cohort-page.tsx';

export const metadata: Metadata = { title: 'Cohort' };
export default function Page() {
  return <CohortPage />;
}
