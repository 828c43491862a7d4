import type { Metadata } from 'next';
import { ComparisonPage } from '../../../../comparison/comparison-page.tsx';

export const metadata: Metadata = { title: 'Comparison' };
export default function Page() {
  return <ComparisonPage />;
}
