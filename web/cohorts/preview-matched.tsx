'use client';
import { TextInput } from '@mantine/core';
import { defaultSelection } from '@stroma/core/crop-numbers';
import type { LabelReport } from '@stroma/core/http/cohort';
import dynamic from 'next/dynamic';
import { useId, useState } from 'react';
import { Dialog } from '../parts/dialog.tsx';

// Fetched when a slide is looked at.
const MemberPreview = dynamic(() => import('../crops/member-preview.tsx').then((module) => module.MemberPreview), {
  ssr: false,
});

/** Names that the browser offers at once; typing finds the others by their whole name. */
const offered = 500;

/** Tissue mask and grid of any slide that would become a member, before the cohort is saved. */
export function PreviewMatched({ matched }: { matched: LabelReport['matched'] }) {
  const [name, setName] = useState('');
  const list = useId();
  const slide = matched.find((row) => row.slideId === name)?.slide;
  return (
    <>
      <TextInput
        label="Preview tissue and crops of"
        placeholder="a slide"
        list={list}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        mb={10}
        data-testid="preview-matched"
      />
      <datalist id={list}>
        {matched.slice(0, offered).map((row) => (
          <option key={row.slide} value={row.slideId} />
        ))}
      </datalist>
      <Dialog opened={slide !== undefined} onClose={() => setName('')} title={`Tissue and crops of ${name}`} size={900}>
        {slide && <MemberPreview slideId={slide} selection={defaultSelection} />}
      </Dialog>
    </>
  );
}
