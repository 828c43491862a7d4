'use client';
import { Button } from '@mantine/core';
import { type ChangeEvent, useRef } from 'react';
import { Icon } from '../parts/icon.tsx';
import { chosenFiles } from './dropped-files.ts';
import { addFiles } from './upload-queue.ts';

function take(event: ChangeEvent<HTMLInputElement>) {
  addFiles(chosenFiles(event.currentTarget.files ?? []));
  event.currentTarget.value = '';
}

export function AddSlides() {
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  return (
    <>
      <input ref={files} type="file" multiple hidden data-testid="upload-input" onChange={take} />
      <input
        ref={folder}
        type="file"
        multiple
        hidden
        data-testid="upload-folder-input"
        onChange={take}
        {...{ webkitdirectory: '' }}
      />
      <Button leftSection={<Icon name="upload" size={14} />} onClick={() => files.current?.click()}>
        Add slides…
      </Button>
      <Button variant="default" onClick={() => folder.current?.click()}>
        Add a folder…
      </Button>
    </>
  );
}
