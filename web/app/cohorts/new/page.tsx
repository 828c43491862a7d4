import type { Metadata } from 'next';
import { NewCohortPage } from '../../../cohorts/new-cohort-page.tsx';

export const metadata: Metadata = { title: 'New cohort' };
export default function Page() {
  return <NewCohortPage />;
}
