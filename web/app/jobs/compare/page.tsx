import type { Metadata } from 'next';
import { CompareJobsPage } from '../../../jobs/compare-jobs-page.tsx';

export const metadata: Metadata = { title: 'Compare jobs' };
export default function Page() {
  return <CompareJobsPage />;
}
