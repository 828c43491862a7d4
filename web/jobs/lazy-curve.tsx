'use client';
import dynamic from 'next/dynamic';
import classes from './jobs.module.css';

/** Fetched once there is something to draw: a page of a job that waits does without. */
export const Curve = dynamic(() => import('./curve.tsx').then((module) => module.Curve), {
  ssr: false,
  loading: () => <div className={classes.curve} style={{ height: 300 }} aria-hidden="true" />,
});
