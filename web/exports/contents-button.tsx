'use client';
import { Button } from '@mantine/core';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';
import type { Exportable } from './export-contents.tsx';

// Fetched when somebody looks into an export.
const ExportContents = dynamic(() => import('./export-contents.tsx').then((module) => module.ExportContents), {
  ssr: false,
});

/** Which slides an export holds and how it is opened, before it is written and afterwards. */
export function ContentsButton({ of, title }: { of: Exportable; title: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-xs"
        onClick={() => setOpened(true)}
        aria-label={`Slides and Python of ${title}`}
      >
        Slides, Python…
      </Button>
      <Dialog opened={opened} onClose={() => setOpened(false)} title={title} size={860}>
        <ExportContents of={of} />
      </Dialog>
    </>
  );
}
