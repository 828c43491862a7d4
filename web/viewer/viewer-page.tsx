'use client';
import type { SlideDetail } from '@stroma/core/http/slide';
import { useParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { useJson } from '../data/use-json.ts';
import { Link } from '../parts/link.tsx';
import { Loading } from '../parts/loading.tsx';
import { ProblemView } from '../parts/problem-view.tsx';
import { SlideViewer } from './slide-viewer.tsx';
import { startRequests } from './start-requests.ts';
import classes from './viewer.module.css';

export function ViewerPage() {
  const { id } = useParams<{ id: string }>();
  // While it is rendered first: effects come after a while, and one after the other.
  useState(() => typeof window !== 'undefined' && startRequests(id, window.location.search));
  const slide = useJson<SlideDetail>(`/api/slides/${id}`);
  const name = slide.data?.name;
  useEffect(() => {
    if (name) document.title = `${name} · Stroma`;
  }, [name]);
  if (slide.data) return <SlideViewer key={id} slide={slide.data} />;
  return (
    <div className={classes.waiting}>
      <p>
        <Link href="/slides">← Slides</Link>
      </p>
      {slide.error ? (
        <ProblemView problem={slide.error.problem} onRetry={() => void slide.mutate()} />
      ) : (
        <Loading what="the slide" />
      )}
    </div>
  );
}
