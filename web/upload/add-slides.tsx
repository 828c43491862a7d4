'use client';
import { Button, Menu } from '@mantine/core';
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
      <Menu position="bottom-end">
        <Menu.Target>
          <Button leftSection={<Icon name="upload" size={14} />}>Add slides</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => files.current?.click()}>Choose files…</Menu.Item>
          <Menu.Item onClick={() => folder.current?.click()}>Choose a folder…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
