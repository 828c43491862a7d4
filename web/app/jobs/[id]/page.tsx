import type { Metadata } from 'next';
import { JobPage } from '../../../jobs/job-page.tsx';

export const metadata: Metadata = { title: 'Job' };
export default function Page() {
  return <JobPage />;
}
