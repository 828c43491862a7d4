'use client';
import dynamic from 'next/dynamic';

/** Fetched for slides whose scale is not known: a list of others does without. */
export const ScaleForm = dynamic(() => import('./scale-form.tsx').then((module) => module.ScaleForm), { ssr: false });
