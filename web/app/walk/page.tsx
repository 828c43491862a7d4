import type { Metadata } from 'next';
import { Suspense } from 'react';
import { WalkPage } from '../../viewer/walk-page.tsx';

export const metadata: Metadata = { title: 'Walk' };
export default function Page() {
  return (
    <Suspense>
      <WalkPage />
    </Suspense>
  );
}
