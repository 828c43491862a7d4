'use client';
import { Modal, Select } from '@mantine/core';
import { defaultSelection } from '@stroma/core/contract/crop-selection';
import type { LabelReport } from '@stroma/core/http/cohort';
import { useState } from 'react';
import { MemberPreview } from '../crops/member-preview.tsx';

/** Tissue mask and grid of any slide that would become a member, before the cohort is saved. */
export function PreviewMatched({ matched }: { matched: LabelReport['matched'] }) {
  const [slideId, setSlideId] = useState<string | null>(null);
  const name = matched.find((row) => row.slide === slideId)?.slideId;
  return (
    <>
      <Select
        label="Preview tissue and crops of"
        placeholder="a slide"
        searchable
        limit={50}
        data={matched.map((row) => ({ value: row.slide, label: row.slideId }))}
        value={slideId}
        onChange={setSlideId}
        mb={10}
        data-testid="preview-matched"
      />
      <Modal
        opened={slideId !== null}
        onClose={() => setSlideId(null)}
        title={`Tissue and crops of ${name}`}
        size={900}
      >
        {slideId && <MemberPreview slideId={slideId} selection={defaultSelection} />}
      </Modal>
    </>
  );
}
