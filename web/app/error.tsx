'use client';
import { problemOf } from '../data/request-failed.ts';
import { Page } from '../parts/page.tsx';
import { ProblemView } from '../parts/problem-view.tsx';

/** A page that failed to draw itself; the bar and the uploads go on. */
export default function PageFailed({ error, reset }: { error: Error; reset: () => void }) {
  return (
    <Page title="This page failed">
      <ProblemView problem={problemOf(error)} onRetry={reset} />
    </Page>
  );
}
